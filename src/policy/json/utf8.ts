import { isUtf8 } from 'node:buffer';
import type { Buffer } from 'node:buffer';
import { byteAt } from './cursor.ts';

/** A sequence that begins with a byte up to `leadMax` and above the row before: its length, and the range of its second byte. */
interface SequenceRow {
  readonly leadMax: number;
  readonly bytes: number;
  readonly secondMin: number;
  readonly secondMax: number;
}

// RFC 3629 section 4: the second byte excludes overlong forms, surrogates and what lies above U+10FFFF.
const SEQUENCES: readonly SequenceRow[] = [
  { leadMax: 0xc1, bytes: 0, secondMin: 1, secondMax: 0 },
  { leadMax: 0xdf, bytes: 2, secondMin: 0x80, secondMax: 0xbf },
  { leadMax: 0xe0, bytes: 3, secondMin: 0xa0, secondMax: 0xbf },
  { leadMax: 0xec, bytes: 3, secondMin: 0x80, secondMax: 0xbf },
  { leadMax: 0xed, bytes: 3, secondMin: 0x80, secondMax: 0x9f },
  { leadMax: 0xef, bytes: 3, secondMin: 0x80, secondMax: 0xbf },
  { leadMax: 0xf0, bytes: 4, secondMin: 0x90, secondMax: 0xbf },
  { leadMax: 0xf3, bytes: 4, secondMin: 0x80, secondMax: 0xbf },
  { leadMax: 0xf4, bytes: 4, secondMin: 0x80, secondMax: 0x8f },
];

const isWithin = (byte: number, min: number, max: number): boolean => byte >= min && byte <= max;

/** The length of the character at `at`, which is not ASCII; 0 where there is no valid one. */
function characterBytes(bytes: Buffer, at: number): number {
  const row = SEQUENCES.find((candidate) => byteAt(bytes, at) <= candidate.leadMax);
  if (row === undefined || !isWithin(byteAt(bytes, at + 1), row.secondMin, row.secondMax)) {
    return 0;
  }
  for (let index = 2; index < row.bytes; index += 1) {
    if (!isWithin(byteAt(bytes, at + index), 0x80, 0xbf)) {
      return 0;
    }
  }
  return row.bytes;
}

/** Where the first sequence begins that is not UTF-8; undefined where all of it is. */
export function invalidUtf8At(bytes: Buffer): number | undefined {
  if (isUtf8(bytes)) {
    return undefined;
  }
  let at = 0;
  let width = 1;
  while (at < bytes.length && width > 0) {
    width = byteAt(bytes, at) < 0x80 ? 1 : characterBytes(bytes, at);
    at += width;
  }
  return at;
}
