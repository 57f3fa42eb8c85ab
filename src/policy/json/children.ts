import type { Buffer } from 'node:buffer';
import { must } from '../../core/assert.ts';
import { BYTE, afterSpace, asBuffer, byteAt } from './cursor.ts';
import type { Member, ValueSpan, ValueType } from './document.ts';
import { unescape } from './names.ts';

/** Most strings are names and short values; a long one is worth a native search. */
const steppedBytesMax = 32;

/** The offset behind the string at `at`, whose document was accepted. */
export function afterString(bytes: Buffer, at: number): number {
  let next = at + 1;
  const near = Math.min(bytes.length, next + steppedBytesMax);
  while (next < near && bytes[next] !== BYTE.quote) {
    next += bytes[next] === BYTE.backslash ? 2 : 1;
  }
  return next < near ? next + 1 : afterLongString(bytes, next);
}

function afterLongString(bytes: Buffer, from: number): number {
  let quote = bytes.indexOf(BYTE.quote, from);
  while (quote >= 0 && isEscaped(bytes, from, quote)) {
    quote = bytes.indexOf(BYTE.quote, quote + 1);
  }
  return quote < 0 ? bytes.length + 1 : quote + 1;
}

/** An odd number of backslashes before it. */
function isEscaped(bytes: Buffer, from: number, quote: number): boolean {
  let first = quote;
  while (first > from && bytes[first - 1] === BYTE.backslash) {
    first -= 1;
  }
  return (quote - first) % 2 === 1;
}

function afterContainer(bytes: Buffer, at: number): number {
  let depth = 0;
  let next = at;
  do {
    const byte = byteAt(bytes, next);
    if (byte === BYTE.quote) {
      next = afterString(bytes, next);
      continue;
    }
    if (byte === BYTE.openBrace || byte === BYTE.openBracket) {
      depth += 1;
    } else if (byte === BYTE.closeBrace || byte === BYTE.closeBracket) {
      depth -= 1;
    }
    next += 1;
  } while (depth > 0 && next < bytes.length);
  return next;
}

const TYPE_OF_FIRST_BYTE: ReadonlyMap<number, ValueType> = new Map([
  [BYTE.quote, 'string'],
  [BYTE.openBrace, 'object'],
  [BYTE.openBracket, 'array'],
  [BYTE.lowerT, 'true'],
  [BYTE.lowerF, 'false'],
  [BYTE.lowerN, 'null'],
]);

const endsScalar = (byte: number): boolean => byte <= 0x20 || byte === BYTE.comma || byte === BYTE.closeBrace || byte === BYTE.closeBracket;

function afterScalar(bytes: Buffer, at: number): number {
  let next = at;
  while (!endsScalar(byteAt(bytes, next))) {
    next += 1;
  }
  return next;
}

/** The offset behind the value at `at`, whose document was accepted. */
export const afterValue = (bytes: Buffer, at: number): number => spanAt(bytes, at).end;

function spanAt(bytes: Buffer, start: number): ValueSpan {
  const type = TYPE_OF_FIRST_BYTE.get(byteAt(bytes, start)) ?? 'number';
  if (type === 'string') {
    return { start, end: afterString(bytes, start), type };
  }
  const isContainer = type === 'object' || type === 'array';
  return { start, end: isContainer ? afterContainer(bytes, start) : afterScalar(bytes, start), type };
}

/** The offset of the next child behind `at`, or of the closing bracket. */
function afterComma(bytes: Buffer, at: number): number {
  const next = afterSpace(bytes, at);
  return byteAt(bytes, next) === BYTE.comma ? afterSpace(bytes, next + 1) : next;
}

/** The members of a nested object of an accepted document, in order. Time is linear in the bytes of the object. */
export function membersOf(input: Uint8Array, object: ValueSpan): readonly Member[] {
  must(object.type === 'object', 'membersOf reads an object');
  const bytes = asBuffer(input);
  const last = object.end - 1;
  const members: Member[] = [];
  let at = afterSpace(bytes, object.start + 1);
  while (at < last) {
    const keyStart = at;
    const keyEnd = afterString(bytes, keyStart);
    const key = unescape(bytes, keyStart + 1, keyEnd - 1, bytes.subarray(keyStart, keyEnd).includes(BYTE.backslash));
    const colon = afterSpace(bytes, keyEnd);
    const span = spanAt(bytes, afterSpace(bytes, colon + 1));
    members.push({ key, keyStart, ...span });
    at = afterComma(bytes, span.end);
  }
  return members;
}

/** Calls `visit` for each element of an array of an accepted document, in order, until it returns false. True where it never did. */
export function everyElement(input: Uint8Array, array: ValueSpan, visit: (element: ValueSpan) => boolean): boolean {
  must(array.type === 'array', 'everyElement reads an array');
  const bytes = asBuffer(input);
  const last = array.end - 1;
  let at = afterSpace(bytes, array.start + 1);
  while (at < last) {
    const span = spanAt(bytes, at);
    if (!visit(span)) {
      return false;
    }
    at = afterComma(bytes, span.end);
  }
  return true;
}

/** The elements of an array of an accepted document, in order. */
export function elementsOf(input: Uint8Array, array: ValueSpan): readonly ValueSpan[] {
  const elements: ValueSpan[] = [];
  everyElement(input, array, (element) => elements.push(element) > 0);
  return elements;
}
