import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { InvariantError, must } from '../../../../src/core/assert.ts';
import { elementsOf, everyElement, membersOf } from '../../../../src/policy/json/children.ts';
import { DEFAULT_SCAN_LIMITS } from '../../../../src/policy/json/document.ts';
import type { Member } from '../../../../src/policy/json/document.ts';
import { readInteger, readString } from '../../../../src/policy/json/read.ts';
import { scanDocument } from '../../../../src/policy/json/scan.ts';

/** The only member of a document `{"v": ...}`, and its bytes. */
function only(value: string): { readonly bytes: Buffer; readonly member: Member } {
  const bytes = Buffer.from(`{"v":${value}}`);
  const scanned = scanDocument(bytes, DEFAULT_SCAN_LIMITS);
  must(scanned.kind === 'object', 'the sample is accepted');
  const [member] = scanned.members;
  must(member !== undefined, 'the sample has a member');
  return { bytes, member };
}

describe('membersOf and elementsOf', () => {
  it('list the direct members of an object, brackets and quotes in strings notwithstanding', () => {
    const { bytes, member } = only('{ "a" : "}\\"{" , "\\u0062":[{"x":1},"]"],"c":{"d":{}} , "e":-1.0 }');
    const found = membersOf(bytes, member);
    expect(found.map((child) => [child.key, bytes.toString('utf8', child.start, child.end), child.type])).toEqual([
      ['a', '"}\\"{"', 'string'],
      ['b', '[{"x":1},"]"]', 'array'],
      ['c', '{"d":{}}', 'object'],
      ['e', '-1.0', 'number'],
    ]);
    expect(found.map((child) => bytes.toString('utf8', child.keyStart, child.keyStart + 2))).toEqual(['"a', '"\\', '"c', '"e']);
  });

  it('list the elements of an array', () => {
    const { bytes, member } = only('[ 1 , "a\\\\" ,[[],[]], {"k":[1]},true,false , null ]');
    expect(elementsOf(bytes, member).map((child) => [bytes.toString('utf8', child.start, child.end), child.type])).toEqual([
      ['1', 'number'],
      ['"a\\\\"', 'string'],
      ['[[],[]]', 'array'],
      ['{"k":[1]}', 'object'],
      ['true', 'true'],
      ['false', 'false'],
      ['null', 'null'],
    ]);
  });

  it('read an escaped name as it is, whatever names stood in its place before', () => {
    const seeded = only('{"b":0,"\\\\u006":1}');
    const escaped = only('{"b":0,"\\u006dodel":1}');
    // JSON.parse of Node 24.21 takes the second name for the first one, once it has seen the first.
    expect(membersOf(seeded.bytes, seeded.member).map((child) => child.key)).toEqual(['b', '\\u006']);
    expect(membersOf(escaped.bytes, escaped.member).map((child) => child.key)).toEqual(['b', 'model']);
  });

  it.each(['{}', '{ }'])('find nothing in %j', (text) => {
    const { bytes, member } = only(text);
    expect(membersOf(bytes, member)).toEqual([]);
  });

  it.each(['[]', '[ ]'])('find nothing in %j', (text) => {
    const { bytes, member } = only(text);
    expect(elementsOf(bytes, member)).toEqual([]);
  });

  it('stop at the first element that is not wanted', () => {
    const { bytes, member } = only('[1,2,3]');
    const seen: number[] = [];
    expect(everyElement(bytes, member, (element) => seen.push(element.start) < 2)).toBe(false);
    expect(seen).toHaveLength(2);
  });

  it('refuse a value of another type', () => {
    const { bytes, member } = only('1');
    expect(() => membersOf(bytes, member)).toThrow(InvariantError);
    expect(() => elementsOf(bytes, member)).toThrow(InvariantError);
    expect(() => readString(bytes, member)).toThrow(InvariantError);
  });
});

describe('readString', () => {
  it.each(['""', '"plain"', '"é😀"', '"a\\u0062\\n\\"\\\\\\ud83d\\ude00"'])('reads %s', (literal) => {
    const { bytes, member } = only(literal);
    expect(readString(bytes, member)).toBe(JSON.parse(literal));
  });
});

describe('readInteger', () => {
  it.each([
    ['0', 0],
    ['7', 7],
    ['-12', -12],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['-9007199254740991', Number.MIN_SAFE_INTEGER],
  ])('reads %s', (literal, expected) => {
    const { bytes, member } = only(literal);
    expect(readInteger(bytes, member)).toBe(expected);
  });

  it.each([
    '9007199254740992',
    '9007199254740993',
    '-9007199254740992',
    '1.0',
    '1e2',
    '-0',
    '1.5',
    '"1"',
    'true',
    'null',
    '[1]',
    '1'.repeat(200),
  ])('does not take %s for an integer', (literal) => {
    const { bytes, member } = only(literal);
    expect(readInteger(bytes, member)).toBeUndefined();
  });
});
