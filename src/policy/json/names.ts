import type { Buffer } from 'node:buffer';
import { must } from '../../core/assert.ts';

// Up to this many names, comparing bytes is cheaper than a Set of strings; beyond it, comparing all would be quadratic.
const comparedNamesMax = 8;

/** The member names of the objects that are open, outermost first. Written by the functions of this file alone. */
export interface Names {
  readonly bytes: Buffer;
  /** Offsets inside the quotes, of the names of all open objects one after another. */
  readonly starts: number[];
  readonly ends: number[];
  count: number;
  /** Where in `starts` the names of the object at each depth begin. */
  readonly bases: number[];
  /** The names of the object at each depth, unescaped, where it has many or an escaped one. */
  readonly sets: (Set<string> | undefined)[];
}

export const openNames = (bytes: Buffer): Names => ({ bytes, starts: [], ends: [], count: 0, bases: [], sets: [] });

/** The text of a string literal; `start` and `end` are inside its quotes and `escaped` says whether it holds a backslash. */
export function unescape(bytes: Buffer, start: number, end: number, escaped: boolean): string {
  if (!escaped) {
    return bytes.toString('utf8', start, end);
  }
  const text: unknown = JSON.parse(bytes.toString('utf8', start - 1, end + 1));
  must(typeof text === 'string', 'a scanned string literal parses to a string');
  return text;
}

export function enterObject(names: Names, depth: number): void {
  names.bases[depth] = names.count;
  names.sets[depth] = undefined;
}

export function leaveObject(names: Names, depth: number): void {
  names.count = names.bases[depth] ?? 0;
  names.sets[depth] = undefined;
}

function sameBytes(bytes: Buffer, left: number, right: number, length: number): boolean {
  for (let index = 0; index < length; index += 1) {
    if (bytes[left + index] !== bytes[right + index]) {
      return false;
    }
  }
  return true;
}

function isAmong(names: Names, base: number, start: number, end: number): boolean {
  const length = end - start;
  for (let index = base; index < names.count; index += 1) {
    const other = names.starts[index] ?? 0;
    if ((names.ends[index] ?? 0) - other === length && sameBytes(names.bytes, other, start, length)) {
      return true;
    }
  }
  return false;
}

function toSet(names: Names, base: number): Set<string> {
  const set = new Set<string>();
  for (let index = base; index < names.count; index += 1) {
    set.add(names.bytes.toString('utf8', names.starts[index] ?? 0, names.ends[index] ?? 0));
  }
  return set;
}

/** Notes the name of a member of the object at `depth`. False where that object has it already, however it is escaped. */
export function addName(names: Names, depth: number, start: number, end: number, escaped: boolean): boolean {
  const base = names.bases[depth] ?? 0;
  let set = names.sets[depth];
  if (set === undefined && (escaped || names.count - base >= comparedNamesMax)) {
    set = toSet(names, base);
    names.sets[depth] = set;
  }
  if (set !== undefined) {
    const before = set.size;
    return set.add(unescape(names.bytes, start, end, escaped)).size > before;
  }
  if (isAmong(names, base, start, end)) {
    return false;
  }
  names.starts[names.count] = start;
  names.ends[names.count] = end;
  names.count += 1;
  return true;
}
