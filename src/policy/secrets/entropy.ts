import type { Part } from './parts.ts';

/** Counted by seven bits: credentials are ASCII, and a table is ten times as fast as a map. */
const symbolsMax = 128;

/** Cleared before each use: a table per call would cost more than the count. */
const counts = new Uint32Array(symbolsMax);

const countAt = (text: string, index: number): number => counts[text.charCodeAt(index) % symbolsMax] ?? 0;

/** Shannon's entropy of the characters, bits per character. */
export function entropyOf(text: string): number {
  counts.fill(0);
  for (let index = 0; index < text.length; index += 1) {
    counts[text.charCodeAt(index) % symbolsMax] = countAt(text, index) + 1;
  }
  // Each character adds the logarithm of how often it occurs: a text is shorter than the table.
  let sum = 0;
  for (let index = 0; index < text.length; index += 1) {
    sum += Math.log2(countAt(text, index));
  }
  return Math.log2(text.length) - sum / text.length;
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

/** True for what can be drawn at random from so many characters. */
export function isRandom(text: string, symbols: number): boolean {
  const sample = text.slice(0, sampleMax);
  return entropyOf(sample) >= shareMin * Math.log2(Math.max(1, Math.min(sample.length, symbols)));
}
