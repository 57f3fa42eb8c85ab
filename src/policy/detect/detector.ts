/**
 * What a detector is, for whole texts and for texts that come in pieces alike. Everything that decides about a match lies within
 * `leftMax` characters before it, the match itself, and the one character after it: so what was decided about the beginning of a
 * stream stays true however it goes on, and a whole text is a stream of one piece. Regular expressions and their judgements see a text
 * with ASCII's own signs (`plain-signs.ts`).
 */
export type Detector = PatternDetector | RunDetector;

/** What the engine asks of a pattern. A regular expression with the flag `g` has it. */
export interface Matcher {
  lastIndex: number;
  /** The first match that starts at `lastIndex` or behind it. */
  exec(text: string): { readonly index: number; readonly 0: string } | null;
}

/** What the engine asks of `open`. A regular expression has it. */
export interface OpenEnd {
  [Symbol.search](text: string): number;
}

/** A detector of ours, or one that an operator's pattern makes. */
export type AnyDetector = PatternDetector<Matcher, OpenEnd> | RunDetector;

/** Finds values of a bounded length: each start is judged by itself, whatever was found before it. */
export interface PatternDetector<Pattern extends Matcher = RegExp, Open extends OpenEnd = RegExp> {
  readonly kind: 'pattern';
  /** What is found, as policies name it: `email`, `card`, `aadhaar`. */
  readonly entity: string;
  /**
   * Flags `g` and those the source needs, never `y`. Every repetition is bounded; a lookbehind sees no further than `leftMax`, a lookahead no
   * further than the match and one character. 100 KB of any text, its own alphabet included, take at most 50 ms.
   */
  readonly pattern: Pattern;
  /** The longest match, UTF-16 units. A longer one is none. */
  readonly lengthMax: number;
  /** How far before the match `judge` looks, UTF-16 units; at most `contextMax`. */
  readonly leftMax: number;
  /**
   * Cheap and necessary: a text in which this is false has no match. Undefined where nothing cheaper than the pattern is known.
   * It is asked about the buffer, so it must hold for every part of a text that contains a whole match.
   */
  readonly gate?: ((text: string) => boolean) | undefined;
  /**
   * Where every match that `judge` takes begins: words are found once for all detectors, and the pattern is tried at these places alone. Instead
   * of a gate, for a pattern whose flags are `g` and `i` at most.
   */
  readonly begins?: readonly Beginning[] | undefined;
  /** Where every match has the same characters: the pattern is tried before each of them alone. Instead of a gate. */
  readonly anchor?: Anchor | undefined;
  /**
   * Where `judge` asks for words before a match: flags `g` and those the source needs, a match of at most `nearMax`. All that it looks for lies
   * within `contextMax` characters before the start, which are searched once. Instead of a gate.
   */
  readonly near?: RegExp | undefined;
  /**
   * Where a match may start, where that costs less than the pattern: it is tried at these places alone. Asked from left to right: the first one
   * from a place on and before `before`, or -1.
   */
  readonly startsIn?: ((text: string, before: number) => (from: number) => number) | undefined;
  /**
   * True for a match: checksum, surroundings, context words. `text` is all that is known, from at most `contextMax` characters before the
   * match on; nothing behind `end + 1` may be looked at. `text[end]` is undefined where the text is over.
   */
  judge(text: string, start: number, end: number): boolean;
  /** For logs: how matches are called (`address-password`), where the entity alone says less. */
  readonly rule?: string;
  /**
   * The same of a detector of many rules (`github-pat`): it stands for `judge`, with the same arguments, and is undefined where `judge` is
   * false.
   */
  readonly ruleOf?: (text: string, start: number, end: number) => string | undefined;
  /**
   * Ends in `$`, without `g`. Where this matches the end of what is known so far, from there on a match may still be under way, or one that
   * ends with the text may yet be longer or be none. It may hold back too much, never too little.
   */
  readonly open: Open;
}

/** Characters of every match, and what stands in it before they come first. */
export interface Anchor {
  readonly text: string;
  /** Between the start and these characters: what stands between the brackets of a class, of ASCII; anything beyond ASCII may stand there. */
  readonly chars: string;
  /** At most so many, UTF-16 units, and at least one. */
  readonly before: number;
}

/** The longest match of `near`, UTF-16 units. */
export const nearMax = 32;

/**
 * The first word of a match: all letters and digits of ASCII that stand together, where `valueStart` may be. Or a sign, wherever it stands.
 */
export interface Beginning {
  /** Its first character: what stands between the brackets of a class. A sign is a word of no length. */
  readonly first: string;
  /** The whole word's, UTF-16 units, below 127 each. */
  readonly lengths: readonly number[] | 'any';
  /** Those of the word behind it and one sign, below 31 each: 0 where there is none. Left out where it does not matter. */
  readonly next?: readonly number[];
  /** That sign, as `first`; of ASCII. Left out where it does not matter. */
  readonly sign?: string;
}

/** Finds what has a beginning that is certain and no bounded length: from its beginning on everything is taken until it ends. Never restored. */
export interface RunDetector {
  readonly kind: 'run';
  readonly entity: string;
  /** As `PatternDetector.rule`. */
  readonly rule?: string;
  /** As `PatternDetector.pattern`, of the beginning alone. */
  readonly begin: RegExp;
  readonly beginMax: number;
  readonly gate: ((text: string) => boolean) | undefined;
  /** As `PatternDetector.open`, of the beginning alone. */
  readonly open: RegExp;
  /** Flags `g`. The first match behind the beginning ends the run and belongs to it; an empty match ends it before that character. */
  readonly end: RegExp;
  /** The longest match of `end`. */
  readonly endMax: number;
  /** So many characters belong to a run at most, its beginning included: one that is never closed must not swallow a text. */
  readonly lengthMax: number;
}

/** The longest context that any detector may ask for, UTF-16 units. */
export const contextMax = 64;

export interface Match {
  readonly entity: string;
  /** Of the detector that gives the name; undefined where it says no more than the entity. */
  readonly rule: string | undefined;
  /** UTF-16 units; `end` is behind the last one. */
  readonly start: number;
  readonly end: number;
}

/** A match with what decides which of several gives a region its name. */
export interface RankedMatch extends Match {
  readonly priority: number;
}
