import type { Match, Matcher, PatternDetector } from './detector.ts';
import { type DetectorSet, isHighSurrogate, isLowSurrogate, type RankedPattern } from './detector-set.ts';

/** A match with what decides which of several gives a region its name. */
export interface RankedMatch extends Match {
  readonly priority: number;
}

/** All matches that start in [`from`, `before`), by start, then the longer, then the higher priority. */
export function collectMatches(set: DetectorSet, text: string, from: number, before: number): readonly RankedMatch[] {
  const matches: RankedMatch[] = [];
  for (const { gate, patterns } of set.patterns) {
    if (gate === undefined || gate(text)) {
      for (const pattern of patterns) {
        collectOf(pattern, text, from, before, matches);
      }
    }
  }
  return matches.length < 2 ? matches : matches.toSorted((a, b) => a.start - b.start || b.end - a.end || b.priority - a.priority);
}

function collectOf({ detector, priority }: RankedPattern, text: string, from: number, before: number, matches: RankedMatch[]): void {
  const { pattern, lengthMax, entity, ruleOf, anchor } = detector;
  pattern.lastIndex = from;
  const next = (): ReturnType<typeof pattern.exec> => (skipTo(pattern, text, anchor) ? pattern.exec(text) : null);
  for (let found = next(); found !== null && found.index < before; found = next()) {
    const start = found.index;
    const end = start + found[0].length;
    if (end > start && end - start <= lengthMax) {
      const rule = ruleOf === undefined ? detector.rule : ruleOf(text, start, end);
      if (ruleOf === undefined ? detector.judge(text, start, end) : rule !== undefined) {
        matches.push({ entity, rule, start, end, priority });
      }
    }
    // Accepted or not: what is found at one place must not depend on what was found before it.
    // Behind a pair of surrogates, though: with the flag `u` a search from within one begins before it, again and again.
    pattern.lastIndex = start + (isHighSurrogate(text, start) && isLowSurrogate(text, start + 1) ? 2 : 1);
  }
}

/** Goes on to where a match may start. False where there is no such place any more. */
function skipTo(pattern: Matcher, text: string, anchor: PatternDetector['anchor']): boolean {
  if (anchor === undefined) {
    return true;
  }
  const at = text.indexOf(anchor.text, pattern.lastIndex);
  pattern.lastIndex = Math.max(pattern.lastIndex, at - anchor.before);
  return at >= 0;
}

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
