import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../../../src/core/assert.ts';
import { encodeString, splice } from '../../../../src/policy/json/splice.ts';
import type { Edit } from '../../../../src/policy/json/splice.ts';

const edit = (start: number, end: number, text: string): Edit => ({ start, end, replacement: Buffer.from(text) });
const spliced = (text: string, edits: readonly Edit[]): string => splice(Buffer.from(text), edits).toString();

describe('splice', () => {
  it.each<[string, readonly Edit[], string]>([
    ['nothing', [], '0123456789'],
    ['one in the middle', [edit(3, 5, 'abc')], '012abc56789'],
    ['one at each end', [edit(0, 1, ''), edit(9, 10, '!')], '12345678!'],
    ['two that touch', [edit(2, 4, 'x'), edit(4, 6, 'y')], '01xy6789'],
    ['an insertion', [edit(5, 5, '-')], '01234-56789'],
    ['everything', [edit(0, 10, '')], ''],
  ])('makes %s', (_what, edits, expected) => {
    expect(spliced('0123456789', edits)).toBe(expected);
  });

  it.each<[string, readonly Edit[]]>([
    ['overlap', [edit(2, 5, ''), edit(4, 6, '')]],
    ['are out of order', [edit(4, 5, ''), edit(1, 2, '')]],
    ['end before they start', [edit(5, 4, '')]],
    ['reach behind the end', [edit(9, 11, '')]],
    ['start before the beginning', [edit(-1, 1, '')]],
  ])('refuses edits that %s', (_what, edits) => {
    expect(() => spliced('0123456789', edits)).toThrow(InvariantError);
  });
});

describe('encodeString', () => {
  it.each(['', 'gpt-4o', 'a"b\\c\n\0', 'é漢😀', '\u{2028}', '\ud800'])('makes a literal that reads back: %j', (text) => {
    expect(JSON.parse(encodeString(text).toString('utf8'))).toBe(text);
  });
});
