import { Buffer } from 'node:buffer';
import { BYTE, afterSpace, byteAt } from '../../json/cursor.ts';

/** What can be told of an event's JSON without reading it as such. */
export interface EventFacts {
  /** UTF-8 bytes of the strings that are members of the names asked for; `\uXXXX` is taken for two. */
  readonly textBytes: number;
  /** A member `usage` somewhere is more than null. */
  readonly mayReport: boolean;
  /** Where the only `usage` of the outermost object is null: its name's quote, and the first byte of the null. Else undefined. */
  readonly nullUsage: { readonly nameStart: number; readonly valueStart: number } | undefined;
}

const usageName = Buffer.from('usage');
const nullBytes = 4;

/** Names by their length, which tells most of them apart. */
export type NameTable = readonly (readonly Buffer[])[];

export function nameTable(...names: readonly string[]): NameTable {
  const lengthMax = Math.max(0, ...names.map((name) => name.length));
  return Array.from({ length: lengthMax + 1 }, (_, length) =>
    names.filter((name) => name.length === length).map((name) => Buffer.from(name)),
  );
}

function isWord(data: Buffer, start: number, word: Buffer): boolean {
  for (let index = 0; index < word.length; index += 1) {
    if (data[start + index] !== word[index]) {
      return false;
    }
  }
  return true;
}

function isNamed(data: Buffer, start: number, end: number, names: NameTable): boolean {
  const candidates = names[end - start];
  if (candidates === undefined) {
    return false;
  }
  for (const name of candidates) {
    if (isWord(data, start, name)) {
      return true;
    }
  }
  return false;
}

/** One walk over the bytes. */
interface Walk {
  readonly data: Buffer;
  readonly names: NameTable;
  depth: number;
  /** The string before was a name that is asked for: the next one, if it is its value, is text. */
  isText: boolean;
  textBytes: number;
  reports: number;
  topUsages: number;
  nameStart: number;
  valueStart: number;
}

/** Reads the string whose opening quote is at `quote`; returns the offset behind it. */
function walkString(walk: Walk, quote: number): number {
  const { data } = walk;
  let escaped = 0;
  let at = quote + 1;
  while (at < data.length && data[at] !== BYTE.quote) {
    if (data[at] === BYTE.backslash) {
      const isCode = data[at + 1] === BYTE.lowerU;
      escaped += isCode ? 4 : 1;
      at += isCode ? 6 : 2;
    } else {
      at += 1;
    }
  }
  const end = Math.min(at, data.length);
  const colon = afterSpace(data, end + 1);
  if (byteAt(data, colon) !== BYTE.colon) {
    walk.textBytes += walk.isText ? Math.max(0, end - quote - 1 - escaped) : 0;
    walk.isText = false;
    return end + 1;
  }
  const value = afterSpace(data, colon + 1);
  walk.isText = byteAt(data, value) === BYTE.quote && isNamed(data, quote + 1, end, walk.names);
  if (end - quote - 1 === usageName.length && isWord(data, quote + 1, usageName)) {
    noteUsage(walk, quote, value);
  }
  return value;
}

function noteUsage(walk: Walk, nameStart: number, valueStart: number): void {
  const isNull = byteAt(walk.data, valueStart) === BYTE.lowerN;
  walk.reports += isNull ? 0 : 1;
  if (walk.depth === 1) {
    walk.topUsages += 1;
    walk.nameStart = isNull ? nameStart : -1;
    walk.valueStart = valueStart;
  }
}

/**
 * Walks over the data of an event, from string to string. Most events of a stream are told by this alone, since they hold a few bytes of
 * text and no usage. Total for any bytes; of what is no JSON the figures mean nothing, but for the null usage, which is then undefined.
 */
export function walkEvent(data: Buffer, names: NameTable): EventFacts {
  const walk: Walk = { data, names, depth: 0, isText: false, textBytes: 0, reports: 0, topUsages: 0, nameStart: -1, valueStart: -1 };
  let at = 0;
  while (at < data.length) {
    const byte = byteAt(data, at);
    if (byte === BYTE.quote) {
      at = walkString(walk, at);
      continue;
    }
    if (byte === BYTE.openBrace || byte === BYTE.openBracket) {
      walk.depth += 1;
    } else if (byte === BYTE.closeBrace || byte === BYTE.closeBracket) {
      walk.depth -= 1;
    }
    at += 1;
  }
  const { nameStart, valueStart, topUsages, textBytes } = walk;
  const isOnlyNull = topUsages === 1 && nameStart >= 0 && walk.depth === 0 && byteAt(data, data.length - 1) === BYTE.closeBrace;
  return { textBytes, mayReport: walk.reports > 0, nullUsage: isOnlyNull ? { nameStart, valueStart } : undefined };
}

/** The bytes to take out so that a member that is null is gone: its comma with it. */
export function memberSpan(data: Buffer, nameStart: number, valueStart: number): { readonly start: number; readonly end: number } {
  const end = valueStart + nullBytes;
  const behind = afterSpace(data, end);
  if (byteAt(data, behind) === BYTE.comma) {
    return { start: nameStart, end: afterSpace(data, behind + 1) };
  }
  const before = beforeSpace(data, nameStart);
  return byteAt(data, before - 1) === BYTE.comma ? { start: beforeSpace(data, before - 1), end } : { start: nameStart, end };
}

/** The offset behind the last byte before `at` that is not white space. */
function beforeSpace(data: Buffer, at: number): number {
  let before = at;
  while (before > 0 && byteAt(data, before - 1) <= 0x20) {
    before -= 1;
  }
  return before;
}
