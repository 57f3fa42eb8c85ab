import { Buffer } from 'node:buffer';
import { GuardError } from './guard-error.ts';

const batchBytesMax = 256 * 1_024;
const batchesMax = 64;

/**
 * The texts, in order, a call each list: at most `textsMax` texts and 256 KiB, or one text that is longer. Throws `GuardError` where
 * they are more calls than one exchange may cost.
 */
export function batchTexts(texts: readonly string[], textsMax: number): readonly (readonly string[])[] {
  const batches: string[][] = [];
  let bytes = Infinity;
  for (const text of texts) {
    const own = Buffer.byteLength(text);
    const last = batches.at(-1);
    if (last === undefined || last.length === textsMax || bytes + own > batchBytesMax) {
      batches.push([text]);
      bytes = own;
    } else {
      last.push(text);
      bytes += own;
    }
  }
  if (batches.length > batchesMax) {
    throw new GuardError('question_too_large');
  }
  return batches;
}
