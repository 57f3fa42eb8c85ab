import fc from 'fast-check';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { countBody } from '../../../../src/adapters/tokenizer/count-body.ts';
import { splitRuns } from '../../../../src/adapters/tokenizer/split-runs.ts';

const plain = { disallowedSpecial: new Set<string>() };
const tokensOf = (text: string): number => countTokens(text, plain);
const bodyOf = (...contents: readonly string[]): Uint8Array =>
  Buffer.from(JSON.stringify({ model: 'large', messages: contents.map((content) => ({ role: 'user', content })) }));

const prose = 'The quick brown fox jumps over the lazy dog, and then it reads its mail. '.repeat(40);

describe('long runs', () => {
  it.each<[string, string]>([
    ['letters', 'a'.repeat(1_000)],
    ['letters of another script', '漢'.repeat(1_000)],
    ['white space', ' '.repeat(1_000)],
    ['signs', '!?'.repeat(500)],
    ['letters between words', `before ${'a'.repeat(1_000)} behind`],
    ['letters outside the basic plane', '𐐀'.repeat(1_000)],
  ])('of %s are cut, and nothing is lost', (_, text) => {
    const pieces = splitRuns(text);
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.join('')).toBe(text);
    for (const piece of pieces) {
      expect(piece).not.toMatch(/[\p{L}\p{M}]{257}|\s{257}|[^\s\p{L}\p{M}\p{N}]{257}/u);
    }
  });

  it('are in no ordinary text, which stays whole', () => {
    expect(splitRuns(prose)).toEqual([prose, ''].filter((piece, index) => index === 0 || piece !== ''));
  });

  it.each(['a', '漢', ' ', '!', '!?', 'ab12', '\n', 'é', '\u{1F600}', 'A'])('of %j are counted fast, whoever chose them', (unit) => {
    const body = bodyOf(unit.repeat(Math.floor(200_000 / unit.length)));
    const startedMs = performance.now();
    expect(countBody(body, tokensOf)).toBeGreaterThan(0);
    // Uncut, this takes minutes.
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});

describe('the tokens of a body', () => {
  it('are far fewer than its bytes in prose, and not fewer than its texts have', () => {
    const body = bodyOf(prose);
    const counted = countBody(body, tokensOf);
    expect(counted).toBeGreaterThanOrEqual(tokensOf(prose));
    expect(counted).toBeLessThan(body.length / 3);
  });

  it('are those of the text that its escapes stand for, in names as well', () => {
    const escaped = Buffer.from(String.raw`{"a\u0062c":"\u0068\u0065\u006c\u006c\u006f\n\"quoted\" \\ \ud83d\ude00","n":[12.5,true,null]}`);
    const texts = ['abc', 'hello\n"quoted" \\ \u{1F600}', 'n'];
    expect(countBody(escaped, tokensOf)).toBeGreaterThanOrEqual(texts.reduce((sum, text) => sum + tokensOf(text), 0));
    expect(countBody(escaped, tokensOf)).toBeLessThan(escaped.length);
  });

  it('are those of the names of special tokens as text', () => {
    expect(countBody(bodyOf('<|endoftext|><|im_start|>'), tokensOf)).toBeGreaterThanOrEqual(tokensOf('<|endoftext|><|im_start|>'));
  });

  it('are never fewer than all its texts have together, whatever they are', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      fc
        .tuple(fc.constantFrom('a', '漢', ' ', '=', 'the ', 'á', '\u{1F600}'), fc.integer({ min: 1, max: 700 }))
        .map(([unit, times]) => unit.repeat(times)),
    );
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), (contents) => {
        const body = bodyOf(...contents);
        const together = contents.reduce((sum, content) => sum + tokensOf(content.toWellFormed()), 0);
        expect(countBody(body, tokensOf)).toBeGreaterThanOrEqual(together);
      }),
      { numRuns: 100 },
    );
  });
});
