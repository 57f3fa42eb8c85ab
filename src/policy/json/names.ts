import type { Buffer } from 'node:buffer';
import { must } from '../../core/assert.ts';

// Up to this many names, comparing bytes is cheaper than a Set of strings; beyond it, comparing all would be quadratic.
const comparedNamesMax = 8;

interface NameSpan {
  readonly start: number;
  readonly end: number;
}

/** The member names of one object that were read so far: as spans, or unescaped once it has many or an escaped one. */
export interface Names {
  readonly spans: NameSpan[];
  texts: Set<string> | undefined;
}

export const noNames = (): Names => ({ spans: [], texts: undefined });

/** The text of a string literal; `start` and `end` are inside its quotes and `escaped` says whether it holds a backslash. */
export function unescape(bytes: Buffer, start: number, end: number, escaped: boolean): string {
  if (!escaped) {
    return bytes.toString('utf8', start, end);
  }
  const text: unknown = JSON.parse(bytes.toString('utf8', start - 1, end + 1));
  must(typeof text === 'string', 'a scanned string literal parses to a string');
  return text;
}

function sameBytes(bytes: Buffer, left: number, right: number, length: number): boolean {
  for (let index = 0; index < length; index += 1) {
    if (bytes[left + index] !== bytes[right + index]) {
      return false;
    }
  }
  return true;
}

function isAmong(bytes: Buffer, spans: readonly NameSpan[], start: number, end: number): boolean {
  for (const span of spans) {
    if (span.end - span.start === end - start && sameBytes(bytes, span.start, start, end - start)) {
      return true;
    }
  }
  return false;
}

/** Adds the name that lies, inside its quotes, from `start` to `end`. False where it is there already, however it is escaped. */
export function addName(names: Names, bytes: Buffer, start: number, end: number, escaped: boolean): boolean {
  if (names.texts === undefined && (escaped || names.spans.length >= comparedNamesMax)) {
    names.texts = new Set(names.spans.map((span) => bytes.toString('utf8', span.start, span.end)));
  }
  if (names.texts !== undefined) {
    const before = names.texts.size;
    return names.texts.add(unescape(bytes, start, end, escaped)).size > before;
  }
  if (isAmong(bytes, names.spans, start, end)) {
    return false;
  }
  names.spans.push({ start, end });
  return true;
}
