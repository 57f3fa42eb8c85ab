import { must } from '../../core/assert.ts';
import { BYTE, asBuffer } from './cursor.ts';
import type { ValueSpan } from './document.ts';
import { unescape } from './names.ts';

/** The text of a string of an accepted document. */
export function readString(input: Uint8Array, value: ValueSpan): string {
  must(value.type === 'string', 'readString reads a string');
  const bytes = asBuffer(input);
  const start = value.start + 1;
  const end = value.end - 1;
  return unescape(bytes, start, end, bytes.subarray(start, end).includes(BYTE.backslash));
}

// Sixteen digits hold every safe integer. `1.0`, `1e2` and `-0` are no integers here: parsers disagree about them.
const integerLiteral = /^(?:0|-?[1-9]\d{0,15})$/;

/** The integer an accepted document states as one; undefined for any other value and beyond 2^53 - 1, where parsers round differently. */
export function readInteger(input: Uint8Array, value: ValueSpan): number | undefined {
  if (value.type !== 'number' || value.end - value.start > 17) {
    return undefined;
  }
  const literal = asBuffer(input).toString('latin1', value.start, value.end);
  const integer = Number(literal);
  return integerLiteral.test(literal) && Number.isSafeInteger(integer) ? integer : undefined;
}
