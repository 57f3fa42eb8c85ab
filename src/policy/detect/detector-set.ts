import { oncePer } from '../../core/once-per.ts';
import type { AnyDetector, Matcher, OpenEnd, PatternDetector, RunDetector } from './detector.ts';
import type { Reading } from './plain-signs.ts';
import { standInPattern } from './stand-ins.ts';
import { staysInWord } from './within-word.ts';
import { type WordItem, wordTable, type WordTable } from './word-table.ts';

/** A detector among others. Where several find the same text, the one of the highest priority names it. */
export interface Ranked {
  readonly detector: AnyDetector;
  readonly priority: number;
}

export interface RankedPattern {
  readonly detector: PatternDetector<Matcher, OpenEnd>;
  readonly priority: number;
  /** The detector's pattern with the flag `y`; undefined where it is no regular expression. */
  readonly sticky?: RegExp | undefined;
}

/** What an operator wrote is looked for as it is written, everything else whatever signs it is written with. */
type Sees = keyof Reading;

export interface RankedRun {
  readonly detector: RunDetector;
  readonly priority: number;
}

/** Detectors that share a gate: it is asked once. */
interface GatedPatterns {
  readonly sees: Sees;
  readonly gate: PatternDetector['gate'];
  readonly patterns: readonly RankedPattern[];
}

/** Where a text may have to wait: one test for all detectors that share it. */
interface OpenTest {
  readonly sees: Sees;
  readonly open: OpenEnd;
  /** The longest match of those that share it, UTF-16 units. */
  readonly lengthMax: number;
  /** It never begins before the last word of what is known. */
  readonly isInWord: boolean;
}

/** Detectors, sorted out once for many texts. */
export interface DetectorSet {
  /** Undefined where no detector is found so. */
  readonly words: WordTable<RankedPattern> | undefined;
  /** The longest match of those, UTF-16 units. */
  readonly wordMax: number;
  readonly patterns: readonly GatedPatterns[];
  readonly runs: readonly RankedRun[];
  readonly opens: readonly OpenTest[];
  /** The longest match of all patterns, or beginning of a run, UTF-16 units. */
  readonly matchMax: number;
  /** What stands for a value that one of them found: never looked into. Flag `g`. */
  readonly standIns: RegExp;
}

/** The same for every set: what was compiled once stays so. */
const stickyOf = oncePer((pattern: RegExp) => new RegExp(pattern.source, pattern.flags.replace('g', 'y')));

const seenBy = (pattern: Matcher | OpenEnd): Sees => (pattern instanceof RegExp ? 'plain' : 'written');

/** Made where settings are prepared: in a stream, what is shared is asked once per chunk. */
export function detectorSet(ranked: readonly Ranked[]): DetectorSet {
  const words: WordItem<RankedPattern>[] = [];
  const patterns = new Map<unknown, GatedPatterns>();
  const runs: RankedRun[] = [];
  for (const { detector, priority } of ranked) {
    if (detector.kind === 'run') {
      runs.push({ detector, priority });
      continue;
    }
    const { pattern, gate, near, begins } = detector;
    const sees = seenBy(pattern);
    const entry = { detector, priority, sticky: pattern instanceof RegExp ? stickyOf(pattern) : undefined };
    if (begins === undefined) {
      const group = gate ?? near ?? sees;
      const others = patterns.get(group)?.patterns ?? [];
      patterns.set(group, { sees, gate, patterns: [...others, entry] });
    } else {
      words.push({ entry, begins });
    }
  }
  return {
    words: words.length === 0 ? undefined : wordTable(words),
    wordMax: Math.max(0, ...words.map(({ entry }) => entry.detector.lengthMax)),
    patterns: [...patterns.values()],
    runs,
    opens: openTests(ranked),
    standIns: standInPattern(ranked.map(({ detector }) => detector.entity)),
    matchMax: Math.max(0, ...ranked.map(({ detector }) => (detector.kind === 'pattern' ? detector.lengthMax : detector.beginMax))),
  };
}

function openTests(ranked: readonly Ranked[]): readonly OpenTest[] {
  const opens = new Map<unknown, OpenTest>();
  for (const { detector } of ranked) {
    const lengthMax = detector.kind === 'pattern' ? detector.lengthMax : detector.beginMax;
    const name = detector.open instanceof RegExp ? String(detector.open) : detector.open;
    opens.set(name, {
      sees: seenBy(detector.open),
      open: detector.open,
      lengthMax: Math.max(lengthMax, opens.get(name)?.lengthMax ?? 0),
      isInWord: detector.open instanceof RegExp && staysInWord(detector.open.source),
    });
  }
  return [...opens.values()];
}

/** The leftmost place from `from` on where something may still be under way; the text's length where nothing is. */
export function leftmostOpen(set: DetectorSet, reading: Reading, from: number): number {
  const text = reading.written;
  // The second half of a pair may be in the next chunk: pieces must not cut it.
  let leftmost = isHighSurrogate(text, text.length - 1) ? text.length - 1 : text.length;
  const wordAt = lastWordAt(reading.plain);
  for (const { sees, open, lengthMax, isInWord } of set.opens) {
    const tailAt = Math.max(from, text.length - lengthMax - 1, isInWord ? wordAt : 0);
    const found = tailAt < leftmost ? reading[sees].slice(tailAt).search(open) : -1;
    if (found >= 0) {
      leftmost = Math.min(leftmost, tailAt + found);
    }
  }
  return Math.max(leftmost, from);
}

/** Behind the last space or end of a line. */
function lastWordAt(text: string): number {
  let at = text.length;
  while (at > 0 && !isSpace(text.charCodeAt(at - 1))) {
    at -= 1;
  }
  return at;
}

const isSpace = (unit: number): boolean => unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);

export function isLowSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
}

export function isHighSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit <= 0xdbff;
}
