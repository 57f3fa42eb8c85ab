import type { Part } from './parts.ts';

/** Counted by seven bits: credentials are ASCII, and a table is ten times as fast as a map. */
const symbolsMax = 128;

/** Counts above a base that rises with each call: a table of its own, or to empty this one, would cost more than the count. */
const counts = new Uint32Array(symbolsMax);
let base = 0;
const baseMax = 0xff_ffff;

/** Of a symbol that occurs so often: how much its last occurrence adds to the sum of `count * log2(count)`. */
const steps = Float64Array.from({ length: 1_024 }, (_, count) =>
  count < 2 ? 0 : count * Math.log2(count) - (count - 1) * Math.log2(count - 1),
);

/** Shannon's entropy of the characters between two places, bits per character; of many the first thousand count. */
export function entropyOf(text: string, start = 0, end = text.length): number {
  const last = Math.min(end, start + steps.length - 1);
  base += steps.length;
  if (base > baseMax) {
    counts.fill(0);
    base = steps.length;
  }
  let sum = 0;
  for (let index = start; index < last; index += 1) {
    const symbol = text.charCodeAt(index) % symbolsMax;
    const count = Math.max((counts[symbol] ?? 0) - base, 0) + 1;
    counts[symbol] = base + count;
    sum += steps[count] ?? 0;
  }
  return Math.log2(last - start) - sum / (last - start);
}

/** Of what is possible: random values lie well above it, runs of few characters below. */
const shareMin = 0.55;

const ascii = Array.from({ length: symbolsMax }, (_, code) => String.fromCharCode(code));

const countOf = (chars: string): number => {
  const one = new RegExp(`[${chars}]`);
  return ascii.filter((character) => one.test(character)).length;
};

/** How many different characters the random part of such a value is drawn from. */
export const symbolsOf = (parts: readonly Part[]): number =>
  Math.max(1, ...parts.filter((part) => typeof part !== 'string').map(({ chars }) => countOf(chars)));

/** So many characters say enough about how a value was made. */
const sampleMax = 64;

/** True for what can be drawn at random from so many characters: the text between two places. */
export function isRandom(text: string, symbols: number, start = 0, end = text.length): boolean {
  const last = Math.min(end, start + sampleMax);
  return entropyOf(text, start, last) >= shareMin * Math.log2(Math.max(1, Math.min(last - start, symbols)));
}
