import type { Match, RankedMatch } from './detector.ts';
import { isHighSurrogate } from './detector-set.ts';
import { nameGiver } from './matches.ts';

/** A region grows to so many UTF-16 units; what overlaps beyond begins the next one. Bounds what a stream holds back. */
export const regionMax = 256;

/**
 * Overlapping matches joined, since all that any of them covers is to be hidden. `matches` in the order of `collectMatches`, of which those
 * that start before `floor` count from there on. Decided from left to right: each region depends only on matches that start before its end.
 */
export function joinMatches(text: string, matches: readonly RankedMatch[], floor: number): readonly Match[] {
  const regions: Match[] = [];
  let start = floor;
  let end = floor;
  let name: RankedMatch | undefined;
  for (const match of matches) {
    if (match.end <= start) {
      continue;
    }
    if (name === undefined || match.start >= end) {
      close();
      start = Math.max(match.start, floor);
      name = match;
    } else {
      name = nameGiver(name, match);
    }
    end = Math.max(end, match.end);
    for (let cap = capOf(text, start, regionMax); end > cap; cap = capOf(text, start, regionMax)) {
      regions.push({ entity: name.entity, rule: name.rule, start, end: cap });
      start = cap;
      name = match;
    }
  }
  close();
  return regions;

  function close(): void {
    if (name !== undefined) {
      regions.push({ entity: name.entity, rule: name.rule, start, end });
    }
  }
}

/** `lengthMax` behind `start`, or one less where that would cut a pair. */
export function capOf(text: string, start: number, lengthMax: number): number {
  const cap = start + lengthMax;
  return isHighSurrogate(text, cap - 1) ? cap - 1 : cap;
}
