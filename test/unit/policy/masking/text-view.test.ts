import { describe, expect, it } from 'vitest';
import { openJsonView, openWordsView, type TextView } from '../../../../src/policy/masking/text-view.ts';
import { threadTimeMs } from '../../../support/thread-time.ts';

/** What a text says, and that nothing of how it is written is lost, whole and character by character. */
function said(open: () => TextView, raw: string): string {
  const [whole, pieces] = [[raw], Array.from({ length: raw.length }, (_, at) => raw.charAt(at))].map((each) => {
    const view = open();
    const parts = [...each.flatMap((piece) => view.push(piece)), ...view.end('')];
    expect(parts.map((part) => part.raw).join('')).toBe(raw);
    return parts.map((part) => part.text).join('');
  });
  expect(pieces).toBe(whole);
  return whole ?? '';
}

const slashes = (count: number): string => '\\'.repeat(count);

describe('JSON', () => {
  it.each([
    [String.raw`{"a\u0040b":"\"\\\/\b\f\n\r\t"}`, `{"a@b":""\\/\b\f\n\r\t"}`],
    [String.raw`"\ud83d\ude00"`, '"😀"'],
    [String.raw`"\x \u12 \U0040"`, String.raw`"\x \u12 \U0040"`],
    ['"cut \\u00', '"cut \\u00'],
    ['"cut \\', '"cut \\'],
    [String.raw`out \u0040 "in \u0040" out \n`, String.raw`out \u0040 "in @" out \n`],
  ])('%j says %j', (raw, text) => {
    expect(said(openJsonView, raw)).toBe(text);
  });

  it.each([
    [1, '@'],
    [2, '@'],
    [3, '\\@'],
    [4, '@'],
    [8, '@'],
    [9, `${slashes(4)}@`],
    [10, '\\@'],
    [40, `${slashes(16)}@`],
  ])('with %i backslashes before u0040 says %j', (count, text) => {
    expect(said(openJsonView, `"${slashes(count)}u0040"`)).toBe(`"${text}"`);
  });
});

describe('words', () => {
  it.each([
    [String.raw`C:\users "\u0040" \n`, String.raw`C:\users "@" \n`],
    ['\\\\u0040', '@'],
    [`${slashes(12)}u0040`, `${slashes(4)}@`],
    [slashes(12), slashes(12)],
    ['cut \\u00', 'cut \\u00'],
  ])('%j say %j', (raw, text) => {
    expect(said(openWordsView, raw)).toBe(text);
  });
});

it('takes a time that grows with the text alone', () => {
  const text = `"${'\\n'.repeat(500_000)}"`;
  // With the square of it, this takes seconds.
  const tookMs = threadTimeMs(() => expect(openJsonView().push(text)).toHaveLength(500_002), 500);
  expect(tookMs).toBeLessThan(1_000);
});
