import { openOf, type UserPattern } from '../../core/pattern/user-pattern.ts';
import type { Matcher, OpenEnd } from './detector.ts';
import { isHighSurrogate, isLowSurrogate } from './detector-set.ts';

type Found = NonNullable<ReturnType<Matcher['exec']>>;
type Search = ReturnType<UserPattern['whole']['matcher']>;

/** An operator's pattern as the engine asks for it. Each start is tried by itself; a pair of surrogates is one character. */
export class UserMatcher implements Matcher {
  lastIndex = 0;
  readonly #pattern: UserPattern;
  #lastFound = NaN;
  #text = '';
  #search: Search | undefined;

  constructor(pattern: UserPattern) {
    this.#pattern = pattern;
  }

  exec(text: string): Found | null {
    const from = isWithinPair(text, this.lastIndex) ? this.lastIndex + 1 : this.lastIndex;
    return (this.#lastFound === this.lastIndex - 1 ? this.#findAt(text, from) : null) ?? this.#findFrom(text, from);
  }

  /**
   * Where matches overlap each other without end, a search would follow all of them at each start: so the place behind a match is tried by
   * itself first.
   */
  #findAt(text: string, from: number): Found | null {
    const around = text.slice(from - 1, from + this.#pattern.longest + 1);
    const search = this.#pattern.next.matcher(around);
    return search.lookingAt() ? this.#found(text, from, from - 1 + search.end()) : null;
  }

  #findFrom(text: string, from: number): Found | null {
    const search = this.#searchOf(text);
    if (search === undefined || from >= text.length || !search.find(from)) {
      // Nothing of a text is kept for longer than it is looked at.
      this.#lastFound = NaN;
      this.#text = '';
      this.#search = undefined;
      return null;
    }
    return this.#found(text, search.start(), search.end());
  }

  #found(text: string, index: number, end: number): Found {
    this.#lastFound = index;
    return { index, 0: text.slice(index, end) };
  }

  /** Undefined where there is no match: to know that costs a fifth of a search for its place. */
  #searchOf(text: string): Search | undefined {
    if (this.#search === undefined || this.#text !== text) {
      this.#text = text;
      this.#search = this.#pattern.whole.test(text) ? this.#pattern.whole.matcher(text) : undefined;
    }
    return this.#search;
  }
}

const isWithinPair = (text: string, at: number): boolean => isHighSurrogate(text, at - 1) && isLowSurrogate(text, at);

/** Where a match of one of them may be under way at the end of a text. */
export function userOpen(patterns: readonly UserPattern[]): OpenEnd {
  const open = openOf(patterns);
  return {
    [Symbol.search](text) {
      // The second half of a pair is not known yet: it may be what a pattern waits for.
      const known = isHighSurrogate(text, text.length - 1) ? text.slice(0, -1) : text;
      const search = open.matcher(known);
      return search.find() && search.start() < known.length ? search.start() : -1;
    },
  };
}
