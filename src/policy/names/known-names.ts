import { codesOf } from '../detect/ascii.ts';
import type { AnyDetector, Matcher, OpenEnd } from '../detect/detector.ts';
import { letterOrDigit } from './letters.ts';

const letterPattern = new RegExp(letterOrDigit, 'v');
const word = `(?<!${letterOrDigit})${letterOrDigit}{1,64}`;
/** Of its own, as `matchAll` begins where a pattern stands. */
const everyWord = new RegExp(word, 'gv');
const firstWord = new RegExp(word, 'v');

/** How names are compared. */
type Fold = (text: string) => string;
export const anyCase: Fold = (text) => text.toLowerCase();
export const sameCase: Fold = (text) => text;

/** Names, folded. */
interface Names {
  readonly fold: Fold;
  /** The longest first, by their first word. */
  readonly byFirstWord: ReadonlyMap<string, readonly string[]>;
  readonly sorted: readonly string[];
  /** Words that begin as one of them does. */
  readonly words: RegExp;
}

const firstWordOf = (name: string): string => firstWord.exec(name)?.[0] ?? name;

function sortOut(names: readonly string[], fold: Fold): Names {
  const sorted = [...new Set(names.map((name) => fold(name)))].toSorted((a, b) => (a < b ? -1 : 1));
  const longestFirst = sorted.toSorted((a, b) => b.length - a.length);
  return { fold, byFirstWord: Map.groupBy(longestFirst, firstWordOf), sorted, words: wordsLike(sorted, fold) };
}

/** Beyond ASCII every letter may be the first of one: how those are folded is a matter of its own. */
function wordsLike(sorted: readonly string[], fold: Fold): RegExp {
  const firsts = new Set(sorted.map((name) => name.charAt(0)));
  const chars = codesOf(String.raw`A-Za-z0-9`)
    .map((code) => String.fromCharCode(code))
    .filter((character) => firsts.has(fold(character)));
  return new RegExp(String.raw`(?=[${chars.join('')}\u0080-\uffff])${word}`, 'gv');
}

/** Tries the words of a text one after another: what it costs does not depend on how many names there are. */
class KnownNameMatcher implements Matcher {
  lastIndex = 0;
  readonly #names: Names;

  constructor(names: Names) {
    this.#names = names;
  }

  exec(text: string): { readonly index: number; readonly 0: string } | null {
    const { words } = this.#names;
    words.lastIndex = this.lastIndex;
    for (let found = words.exec(text); found !== null; found = words.exec(text)) {
      const { index } = found;
      const candidates = this.#names.byFirstWord.get(this.#names.fold(found[0]));
      const name = candidates?.find(
        ({ length }, at) =>
          this.#names.fold(text.slice(index, index + length)) === candidates[at] && !letterPattern.test(text.charAt(index + length)),
      );
      if (name !== undefined) {
        return { index, 0: text.slice(index, index + name.length) };
      }
    }
    return null;
  }
}

/** The place of the first name that is not before `text` in the alphabet. */
function lowerBound(sorted: readonly string[], text: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') < text) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

const openOf = ({ fold, sorted }: Names): OpenEnd => ({
  [Symbol.search](text) {
    for (const { index } of text.matchAll(everyWord)) {
      const rest = fold(text.slice(index));
      if (sorted[lowerBound(sorted, rest)]?.startsWith(rest) === true) {
        return index;
      }
    }
    return -1;
  },
});

/** Whole words of a list of names. Each begins with a letter or a digit. */
export function knownNames(names: readonly string[], fold: Fold): AnyDetector {
  const sorted = sortOut(names, fold);
  return {
    kind: 'pattern',
    entity: 'person',
    rule: 'known',
    pattern: new KnownNameMatcher(sorted),
    lengthMax: Math.max(0, ...sorted.sorted.map(({ length }) => length)),
    leftMax: 2,
    gate: undefined,
    judge: () => true,
    open: openOf(sorted),
  };
}
