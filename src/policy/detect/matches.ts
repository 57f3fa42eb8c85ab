import { collectOf, tryAt } from './collect.ts';
import type { DetectorSet } from './detector-set.ts';
import type { RankedMatch } from './detector.ts';
import type { Reading } from './plain-signs.ts';
import { eachWordStart } from './word-starts.ts';

/**
 * All matches that start in [`from`, `before`), by start, then the longer, then the higher priority. Where it is asked for those that may reach
 * a place, what begins too far before it is left out.
 */
export function collectMatches(set: DetectorSet, reading: Reading, from: number, before: number, reaching = 0): readonly RankedMatch[] {
  const matches: RankedMatch[] = [];
  if (set.words !== undefined) {
    eachWordStart(set.words, reading.plain, firstReaching(set.wordMax, from, reaching), before, (entry, start) => {
      tryAt(entry, reading.plain, start, matches);
    });
  }
  for (const { sees, gate, patterns } of set.patterns) {
    const text = reading[sees];
    if (gate === undefined || gate(text)) {
      for (const pattern of patterns) {
        collectOf(pattern, text, firstReaching(pattern.detector.lengthMax, from, reaching), before, matches);
      }
    }
  }
  return matches.length < 2 ? matches : matches.toSorted((a, b) => a.start - b.start || b.end - a.end || b.priority - a.priority);
}

/** A pattern may look further than what it finds is long. */
const firstReaching = (lengthMax: number, from: number, reaching: number): number => Math.max(from, reaching - 2 * lengthMax);

/** Which of two gives a region its name: the higher priority, then the longer, then the earlier, which is `first`. */
export function nameGiver(first: RankedMatch, second: RankedMatch): RankedMatch {
  const difference = second.priority - first.priority || second.end - second.start - (first.end - first.start);
  return difference > 0 ? second : first;
}

/** Hands `matches` out in their order, each once: those that start before the given place. */
export function matchQueue(matches: readonly RankedMatch[]): (before: number) => readonly RankedMatch[] {
  let taken = 0;
  return (before) => {
    const from = taken;
    for (let next = matches[taken]; next !== undefined && next.start < before; next = matches[taken]) {
      taken += 1;
    }
    return matches.slice(from, taken);
  };
}
