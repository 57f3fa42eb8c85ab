import { Buffer } from 'node:buffer';
import type { Refused, ScanLimits, ScanRefusal } from './document.ts';

/** Names of the bytes that JSON gives a meaning. */
export const BYTE = {
  quote: 0x22,
  plus: 0x2b,
  comma: 0x2c,
  minus: 0x2d,
  dot: 0x2e,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  upperE: 0x45,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  lowerE: 0x65,
  lowerF: 0x66,
  lowerN: 0x6e,
  lowerT: 0x74,
  lowerU: 0x75,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const;

/** The state of one scan: where it stands, and why it stopped. Written by the functions of this folder alone. */
export interface Cursor {
  readonly bytes: Buffer;
  readonly limits: ScanLimits;
  at: number;
  refused: Refused | undefined;
  /** The string read last holds an escape. */
  escaped: boolean;
  /** The string read last holds an escaped NUL. */
  nul: boolean;
  /** Where half a pair of surrogates begins in the string read last; undefined where there is none. */
  halfAt: number | undefined;
}

/** Notes why the scan stops. Always false, so that a caller can return it. */
export function refuse(cursor: Cursor, reason: ScanRefusal, at: number): false {
  cursor.refused = { kind: 'refused', reason, at };
  return false;
}

/** Refuses the byte at the cursor: the end of the bytes is named as such. */
export function refuseHere(cursor: Cursor): false {
  return refuse(cursor, cursor.at < cursor.bytes.length ? 'syntax' : 'truncated', cursor.at);
}

/** The byte at `at`; 0, which is no part of any token, past the end. */
export const byteAt = (bytes: Buffer, at: number): number => bytes[at] ?? 0;

/** The offset of the first byte from `at` on that is not JSON white space (RFC 8259 section 2). */
export function afterSpace(bytes: Buffer, at: number): number {
  let next = at;
  let byte = byteAt(bytes, next);
  while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) {
    next += 1;
    byte = byteAt(bytes, next);
  }
  return next;
}

/** The same bytes as a `Buffer`, without a copy. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
