import { Buffer } from 'node:buffer';
import { must } from '../../core/assert.ts';
import { asBuffer } from './cursor.ts';

/** Replaces the bytes from `start` up to, not including, `end`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly replacement: Uint8Array;
}

/**
 * The bytes with the edits made and everything else as it was; without edits the same bytes, uncopied.
 * Edits are in order and do not overlap; anything else is an `InvariantError`.
 */
export function splice(input: Uint8Array, edits: readonly Edit[]): Buffer {
  const bytes = asBuffer(input);
  if (edits.length === 0) {
    return bytes;
  }
  const parts: Uint8Array[] = [];
  let kept = 0;
  for (const edit of edits) {
    must(edit.start >= kept && edit.end >= edit.start && edit.end <= bytes.length, 'edits are in order, disjoint and inside the bytes');
    parts.push(bytes.subarray(kept, edit.start), edit.replacement);
    kept = edit.end;
  }
  parts.push(bytes.subarray(kept));
  return Buffer.concat(parts);
}

/** The JSON string literal of a text, quotes included. */
export const encodeString = (text: string): Buffer => Buffer.from(JSON.stringify(text), 'utf8');
