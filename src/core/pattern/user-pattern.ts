import { RE2JS } from 're2js';
import { beginningOf, lengthsOf, sourceOf } from './forms.ts';
import { parsePattern, PatternError } from './syntax.ts';

/** Characters of the pattern as it is written. */
export const patternTextMax = 256;

/** UTF-16 units that any match of an operator's pattern may have. */
export const patternLongestMax = 256;

/** Instructions of the compiled pattern: what each character of a text may cost. */
const instructionsMax = 128;

/** A pattern as an operator writes it: plain data. */
export interface PatternSetting {
  readonly regex: string;
  /** No match is longer, UTF-16 units. */
  readonly longest: number;
  /** One of these words must stand shortly before a match; undefined where the pattern says enough. */
  readonly context: readonly string[] | undefined;
}

/** A pattern of the settings, ready for any text: it takes time in proportion to the text. */
export interface UserPattern {
  readonly kind: 'pattern';
  /** As RE2 reads it, flags included. */
  readonly source: string;
  /** The longest text that it can match, UTF-16 units. */
  readonly longest: number;
  readonly whole: RE2JS;
  /** Any character, and a match directly behind it. */
  readonly next: RE2JS;
  /** As RE2 reads it: what may be the beginning of a match, or one that more text changes. */
  readonly beginning: string;
}

export interface RefusedPattern {
  readonly kind: 'refused';
  /** For the operator: what is wrong and what to write. */
  readonly reason: string;
}

export function readUserPattern({ regex: text, longest }: Omit<PatternSetting, 'context'>): UserPattern | RefusedPattern {
  if (text.length > patternTextMax) {
    return refuse(`longer than ${String(patternTextMax)} characters; make several patterns of it`);
  }
  try {
    return compile(text, longest);
  } catch (error) {
    if (error instanceof PatternError) {
      return refuse(error.message);
    }
    // Of RE2: an unknown name of a class, a range that ends before it begins.
    return refuse(`RE2 cannot read this: ${error instanceof Error ? error.message : 'unknown error'}`);
  }
}

const refuse = (reason: string): RefusedPattern => ({ kind: 'refused', reason });

function compile(text: string, longest: number): UserPattern | RefusedPattern {
  const flags = text.startsWith('(?i)') ? '(?i)' : '';
  const pattern = parsePattern(text.slice(flags.length));
  const { min, max } = lengthsOf(pattern);
  if (min === 0) {
    return refuse('it matches the empty text; say what must be there');
  }
  if (max > longest) {
    return refuse(
      `a match can have ${String(max)} characters (those beyond U+FFFF count twice), more than "longest"; set longest: ${String(max)}, or bound the pattern`,
    );
  }
  const withFlags = (inner: string): string => (flags === '' ? inner : `(?i:${inner})`);
  const source = withFlags(sourceOf(pattern));
  const whole = RE2JS.compile(source);
  if (whole.programSize() > instructionsMax) {
    return refuse(
      `too costly: ${String(whole.programSize())} instructions, ${String(instructionsMax)} at most; shorten its repetitions and alternatives`,
    );
  }
  const next = RE2JS.compile(`(?s:.)(?:${source})`);
  return { kind: 'pattern', source, longest: max, whole, next, beginning: withFlags(beginningOf(pattern)) };
}

/** Matches the end of a text in which a match of one of them may be under way: from where it begins on. It may match nothing, at the end. */
export const openOf = (patterns: readonly UserPattern[]): RE2JS =>
  RE2JS.compile(`(?:${patterns.map(({ beginning }) => `(?:${beginning})`).join('|')})$`);

/** True for a text in which one of them matches, at the price of one. */
export function someMatches(patterns: readonly UserPattern[]): (text: string) => boolean {
  const all = RE2JS.compile(patterns.map(({ source }) => `(?:${source})`).join('|'));
  return (text) => all.test(text);
}
