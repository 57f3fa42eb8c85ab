import type { Buffer } from 'node:buffer';
import { BYTE, byteAt, refuse } from './cursor.ts';
import type { Cursor } from './cursor.ts';

// A literal of fewer bytes and without an exponent is always finite: the largest double has 309 digits.
const surelyFiniteBytesMax = 308;

/** The offset behind the digits that start at `at`. */
function afterDigits(bytes: Buffer, at: number): number {
  let next = at;
  while (byteAt(bytes, next) >= BYTE.zero && byteAt(bytes, next) <= BYTE.nine) {
    next += 1;
  }
  return next;
}

/** The offset behind the whole part at `at`: one zero, or digits without a leading zero; `at` itself where there is none. */
function afterWhole(bytes: Buffer, at: number): number {
  return byteAt(bytes, at) === BYTE.zero ? at + 1 : afterDigits(bytes, at);
}

/** The offset of the first digit of the exponent at `at`, behind its sign. */
function exponentDigits(bytes: Buffer, at: number): number {
  const sign = byteAt(bytes, at + 1);
  return sign === BYTE.plus || sign === BYTE.minus ? at + 2 : at + 1;
}

/** Reads the number at the cursor (RFC 8259 section 6) and moves behind it. Refuses what no double can hold. */
export function scanNumber(cursor: Cursor): boolean {
  const { bytes, at: start } = cursor;
  const whole = byteAt(bytes, start) === BYTE.minus ? start + 1 : start;
  let end = afterWhole(bytes, whole);
  let complete = end > whole;
  if (complete && byteAt(bytes, end) === BYTE.dot) {
    const fraction = end + 1;
    end = afterDigits(bytes, fraction);
    complete = end > fraction;
  }
  const mark = byteAt(bytes, end);
  const scaled = complete && (mark === BYTE.lowerE || mark === BYTE.upperE);
  if (scaled) {
    const exponent = exponentDigits(bytes, end);
    end = afterDigits(bytes, exponent);
    complete = end > exponent;
  }
  if (!complete) {
    return refuse(cursor, end < bytes.length ? 'number' : 'truncated', end);
  }
  if ((scaled || end - start > surelyFiniteBytesMax) && !Number.isFinite(Number(bytes.toString('latin1', start, end)))) {
    return refuse(cursor, 'number_not_finite', start);
  }
  cursor.at = end;
  return true;
}
