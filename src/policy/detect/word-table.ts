import { oncePer } from '../../core/once-per.ts';
import { asciiCount, codesOf, entryOf, tableOf } from './ascii.ts';
import { lengthsFrom } from './beginnings.ts';
import type { Beginning } from './detector.ts';

const wordCodes = tableOf('0-9A-Za-z');
const isWordCode = (code: number): boolean => entryOf(wordCodes, code) === 1;

/** Something that may begin with a word. */
export interface Candidate<Entry> {
  readonly entry: Entry;
  /** How long the word behind it may be: one bit for each length. */
  readonly next: number;
  /** Which signs may stand between the two, by their codes; undefined for all. */
  readonly signs: readonly number[] | undefined;
}

/** What begins with a word. */
export interface WordTable<Entry> {
  readonly items: readonly WordItem<Entry>[];
  /** By the word's first character, then by its length: filled in where a text has such a word. */
  readonly known: readonly (readonly Candidate<Entry>[] | undefined)[][];
  /** 1 for a character that no word has and something begins with. */
  readonly signs: Uint8Array;
}

/** One more than the longest that a beginning may name. */
const lengthCount = 128;
/** The same of the second word. */
const nextCount = 32;
const anyLength = -1;

const placeOf = (code: number, length: number): number => code * lengthCount + length;
export const bitOf = (length: number): number => 1 << Math.min(length, nextCount - 1);

export interface WordItem<Entry> {
  readonly entry: Entry;
  readonly begins: readonly Beginning[];
}

export function wordTable<Entry>(items: readonly WordItem<Entry>[]): WordTable<Entry> {
  const firsts = items.flatMap(({ begins }) => placesOf(begins).signs);
  const signs = new Uint8Array(asciiCount);
  for (const code of firsts) {
    signs[code] = 1;
  }
  return { items, known: Array.from({ length: asciiCount }, () => []), signs };
}

/** What may begin with a word of such a first character and length, in the order of the items. Longer words than the table knows are one length. */
export function candidatesOf<Entry>({ items, known }: WordTable<Entry>, code: number, length: number): readonly Candidate<Entry>[] {
  const ofFirst = known[code];
  const counted = Math.min(length, lengthCount - 1);
  const candidates = ofFirst?.[counted];
  if (candidates !== undefined || ofFirst === undefined) {
    return candidates ?? [];
  }
  const found = items.flatMap(({ entry, begins }) => {
    const behind = placesOf(begins).behind.get(placeOf(code, counted));
    return behind === undefined ? [] : [{ entry, ...behind }];
  });
  ofFirst[counted] = found;
  return found;
}

type Behind = Pick<Candidate<unknown>, 'next' | 'signs'>;

interface Places {
  readonly behind: ReadonlyMap<number, Behind>;
  readonly signs: readonly number[];
}

/** The places in the table, with what may be behind; the same for every set. */
const placesOf = oncePer((begins: readonly Beginning[]): Places => {
  const places = new Map<number, Behind>();
  for (const { first, lengths, next, sign } of begins) {
    const between = sign === undefined ? undefined : codesOf(sign);
    const bits = next === undefined ? anyLength : next.reduce((sum, length) => sum | bitOf(length), 0);
    const all = lengths === 'any' ? lengthsFrom(1, lengthCount - 1) : lengths;
    for (const code of codesOf(first)) {
      for (const length of isWordCode(code) ? all : [0]) {
        const place = placeOf(code, length);
        const other = places.get(place);
        places.set(place, other === undefined ? { next: bits, signs: between } : { next: other.next | bits, signs: undefined });
      }
    }
  }
  return { behind: places, signs: begins.flatMap(({ first }) => codesOf(first)).filter((code) => !isWordCode(code)) };
});
