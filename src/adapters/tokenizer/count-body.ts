import { Buffer } from 'node:buffer';
import { splitRuns } from './split-runs.ts';

/** Tokens of a text; special tokens are text like any other. */
export type CountText = (text: string) => number;

/** Cuts of runs, and texts that a provider puts side by side, may be merged otherwise than here: by a few in a hundred, at most. */
const marginShare = 0.02;
const marginTokens = 16;

const strings = /"[^"\\]*(?:\\.[^"\\]*)*"/gsu;

/**
 * The most tokens that a body which is one JSON text can be: those of each string, names included, as they are when its escapes are read,
 * and one for each byte of the rest. The rest pays for what templates put around messages and tools, as in `textTokensMax`.
 */
export function countBody(body: Uint8Array, countText: CountText): number {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  let tokens = 0;
  let between = text.length;
  for (const [literal] of text.matchAll(strings)) {
    between -= literal.length - 2;
    for (const piece of splitRuns(readLiteral(literal))) {
      tokens += countText(piece);
    }
  }
  return Math.ceil((tokens + between) * (1 + marginShare)) + marginTokens;
}

/** The scanner has judged the body before: what stands in quotes is a string of JSON. */
function readLiteral(literal: string): string {
  const read: unknown = JSON.parse(literal);
  return String(read);
}
