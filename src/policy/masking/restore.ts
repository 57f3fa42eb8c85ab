import { openMemo } from '../../core/memo.ts';
import { codeCharacters } from './placeholder.ts';
import type { TextFilter } from './text-filter.ts';

/** The placeholders of one request and what they stand for. */
export type Placeholders = ReadonlyMap<string, string>;

/** How placeholders are found in what a model wrote: in any letter case, and with the backslashes that Markdown puts before `_`. */
export interface Finder {
  readonly whole: RegExp;
  /** Where this matches the end of what is known, from there on a placeholder may be under way. */
  readonly open: RegExp;
  /** The longest that may be under way, UTF-16 units. */
  readonly openMax: number;
}

const bar = String.raw`\\{0,2}_`;
const finders = openMemo<Finder>(256);

/** A pattern for every proper beginning of what the atoms spell, up to the end of the text. */
const beginnings = (atoms: readonly string[]): string => atoms.reduceRight((rest, atom) => `${atom}(?:$|${rest})`, '(?!)');

/** The atoms of a pattern that finds it. */
const spell = (type: string): readonly string[] =>
  type.split('').flatMap((letter) => (letter === '_' ? [String.raw`\\{0,2}`, '_'] : [letter]));

function finderFor(types: string): Finder {
  const all = types.split(',');
  const code = Array.from({ length: codeCharacters - 1 }, () => '[A-Z2-7]');
  const behind = all.map((type) => beginnings([...spell(type), String.raw`\\{0,2}`, '_', ...code]));
  return {
    whole: new RegExp(`PII${bar}(${all.map((type) => spell(type).join('')).join('|')})${bar}([A-Z2-7]{${String(codeCharacters)}})`, 'gi'),
    open: new RegExp(`P(?:$|I(?:$|I(?:$|${String.raw`\\{0,2}`}(?:$|_(?:$|${behind.join('|')})))))`, 'i'),
    openMax: 2 * Math.max(...all.map((type) => type.length)) + codeCharacters + 16,
  };
}

const typeOf = (placeholder: string): string => placeholder.slice('PII_'.length, -(codeCharacters + 1));

/** How the placeholders of one request are found; undefined where it has none. */
export function findPlaceholders(placeholders: Placeholders): Finder | undefined {
  const types = [...new Set([...placeholders.keys()].map((placeholder) => typeOf(placeholder)))].toSorted();
  return types.length === 0 ? undefined : finders.get(types.join(','), finderFor);
}

/** A placeholder as it was made, by what a model wrote of it. */
const asMade = (written: string): string => written.replaceAll('\\', '').toUpperCase();

export const isPlaceholder = (placeholders: Placeholders, text: string): boolean => placeholders.has(asMade(text));

/** What brings values back in the texts of one answer; every text has a filter of its own. */
export interface Restorer {
  /** `escape`: how a value stands in that text. */
  open(escape: (value: string) => string): TextFilter;
  /** Placeholders that this request has not sent: a model made them up, or they are from another one. */
  readonly unknown: () => number;
}

export function openRestorer(placeholders: Placeholders): Restorer {
  let unknown = 0;
  const finder = findPlaceholders(placeholders);
  const written = (found: string, escape: (value: string) => string): string | undefined => {
    const value = placeholders.get(found) ?? placeholders.get(asMade(found));
    if (value === undefined) {
      unknown += 1;
      return undefined;
    }
    return escape(value);
  };
  return {
    open: (escape) => (finder === undefined ? unchanged : openRestore(finder, ([found]) => written(found, escape))),
    unknown: () => unknown,
  };
}

const unchanged: TextFilter = { push: (text) => text, end: (text) => text };

function openRestore({ whole, open, openMax }: Finder, write: (found: RegExpExecArray) => string | undefined): TextFilter {
  let held = '';
  const openFrom = (text: string, from: number): number => {
    const tailAt = Math.max(from, text.length - openMax);
    const found = text.slice(tailAt).search(open);
    return found < 0 ? text.length : tailAt + found;
  };
  const pass = (text: string, isLast: boolean): string => {
    let passed = '';
    let at = 0;
    for (;;) {
      whole.lastIndex = at;
      const found = whole.exec(text);
      const cut = isLast ? text.length : openFrom(text, at);
      // A complete one may end with what looks like the beginning of another.
      if (found === null || found.index >= cut) {
        held = text.slice(cut);
        return passed + text.slice(at, cut);
      }
      const written = write(found);
      // Where one is unknown, the next may begin within it: behind words that look like the beginning of one.
      const end = found.index + (written === undefined ? 1 : found[0].length);
      passed += text.slice(at, found.index) + (written ?? text.slice(found.index, end));
      at = end;
    }
  };
  return { push: (piece) => pass(held + piece, false), end: (piece) => pass(held + piece, true) };
}
