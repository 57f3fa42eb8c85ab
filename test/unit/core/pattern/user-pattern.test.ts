import { describe, expect, it } from 'vitest';
import { readUserPattern } from '../../../../src/core/pattern/user-pattern.ts';

function refusalOf(regex: string, longest: number): string | undefined {
  const read = readUserPattern({ regex, longest });
  return read.kind === 'refused' ? read.reason : undefined;
}

describe('readUserPattern', () => {
  it.each([
    ['EMP-[0-9]{6}', 10],
    ['(?i)project (?:alpha|beta|omega)', 13],
    [String.raw`\b[A-Z]{2,4}-?\d{4,8}\b`, 13],
    ['(ab|c(d|ef)?){2}', 6],
    ['a.', 3],
    ['[^a]b', 3],
    [String.raw`\D\p{Greek}\.\[x\]`, 8],
    [String.raw`[\p{L}\]]x`, 3],
    ['[é-ü]-\u{1f600}', 5],
    ['a]}-', 4],
    ['x{3}', 3],
    [String.raw`\+\d{2}\-`, 4],
    [String.raw`[\[\]\-\\]\\`, 2],
  ])('reads %s, whose longest match has %i units', (regex, longest) => {
    expect(readUserPattern({ regex, longest })).toMatchObject({ kind: 'pattern', longest });
    expect(refusalOf(regex, longest - 1)).toContain(`set longest: ${String(longest)}`);
  });

  it.each([
    ['a*', 'have no end; say how often at most'],
    ['a+', 'have no end'],
    ['a{2,}', '{2,20}'],
    ['(a{1,5}', 'a "(" without its ")"'],
    ['a)b', 'a ")" without its "("'],
    ['', 'matches the empty text'],
    ['a?', 'matches the empty text'],
    [String.raw`\b`, 'matches the empty text'],
    ['(?:a|b{0,3})', 'matches the empty text'],
    ['^a', 'not known in a stream'],
    ['a$', 'not known in a stream'],
    ['?a', 'repeats nothing'],
    ['a{x', 'repeats nothing'],
    ['a{3,2}', 'matches nothing'],
    ['a{0}', 'matches nothing'],
    ['a??', 'stands behind a repetition'],
    ['a{2}{3}', 'stands behind a repetition'],
    [String.raw`\b{2}a`, String.raw`"\b" cannot be repeated`],
    ['(?=a)b', 'of groups there are'],
    ['(?<!a)b', 'of groups there are'],
    ['(?s)a', 'of groups there are'],
    ['[a', 'a class is written'],
    ['[[:alpha:]]', 'a class is written'],
    ['[]a]', 'a class is written'],
    [String.raw`(a)\1`, 'of escapes there are'],
    [String.raw`\Aa`, 'of escapes there are'],
    [String.raw`a\z`, 'of escapes there are'],
    [String.raw`\C`, 'of escapes there are'],
    [String.raw`\é`, 'of escapes there are'],
    ['[b-a]x', 'RE2 cannot read this'],
    [String.raw`\p{Nowhere}x`, 'RE2 cannot read this'],
    ['(?:[a-z]{1,9} ){9}', 'too costly'],
    ['x'.repeat(257), 'longer than 256 characters'],
    [`${'('.repeat(12)}a${')'.repeat(12)}`, 'deeper than 8 levels'],
  ])('refuses %s', (regex, reason) => {
    expect(refusalOf(regex, 256)).toContain(reason);
  });
});
