import { BYTE, byteAt, refuse } from './cursor.ts';
import type { Cursor } from './cursor.ts';

// The characters that may follow a backslash alone: " \ / b f n r t
const SIMPLE_ESCAPES: ReadonlySet<number> = new Set([0x22, 0x5c, 0x2f, 0x62, 0x66, 0x6e, 0x72, 0x74]);

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) {
    return byte - 0x30;
  }
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** The code unit of the `\uXXXX` at `at`; -1 where there is none. */
function unicodeEscape(cursor: Cursor, at: number): number {
  const { bytes } = cursor;
  if (byteAt(bytes, at) !== BYTE.backslash || byteAt(bytes, at + 1) !== BYTE.lowerU) {
    return -1;
  }
  let unit = 0;
  for (let digit = at + 2; digit < at + 6; digit += 1) {
    const value = hexDigit(byteAt(bytes, digit));
    if (value < 0) {
      return -1;
    }
    unit = unit * 16 + value;
  }
  return unit;
}

/** The bytes taken by the escape at `at`; 0 where it is refused. */
function escapeWidth(cursor: Cursor, at: number): number {
  cursor.escaped = true;
  if (SIMPLE_ESCAPES.has(byteAt(cursor.bytes, at + 1))) {
    return 2;
  }
  const unit = unicodeEscape(cursor, at);
  if (unit < 0) {
    refuse(cursor, at + 1 < cursor.bytes.length ? 'escape' : 'truncated', at);
    return 0;
  }
  if (isHighSurrogate(unit) && isLowSurrogate(unicodeEscape(cursor, at + 6))) {
    return 12;
  }
  if (isHighSurrogate(unit) || isLowSurrogate(unit)) {
    cursor.halfAt ??= at;
    if (cursor.limits.mayHalvePairs !== true) {
      refuse(cursor, 'lone_surrogate', at);
      return 0;
    }
  }
  cursor.nul ||= unit === 0;
  return 6;
}

/** Reads the string whose opening quote is at the cursor, and moves behind its closing quote. */
export function scanString(cursor: Cursor): boolean {
  const { bytes } = cursor;
  let at = cursor.at + 1;
  cursor.escaped = false;
  cursor.nul = false;
  cursor.halfAt = undefined;
  for (;;) {
    const byte = byteAt(bytes, at);
    if (byte >= 0x20 && byte !== BYTE.quote && byte !== BYTE.backslash) {
      at += 1;
    } else if (byte === BYTE.quote) {
      cursor.at = at + 1;
      return true;
    } else if (byte === BYTE.backslash) {
      const width = escapeWidth(cursor, at);
      if (width === 0) {
        return false;
      }
      at += width;
    } else {
      return refuse(cursor, at < bytes.length ? 'control_character' : 'truncated', at);
    }
  }
}
