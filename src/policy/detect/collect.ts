import { must } from '../../core/assert.ts';
import { oncePer } from '../../core/once-per.ts';
import { asciiCount, tableOf } from './ascii.ts';
import { type Anchor, contextMax, nearMax, type RankedMatch } from './detector.ts';
import { isHighSurrogate, isLowSurrogate, type RankedPattern } from './detector-set.ts';

/** Adds the matches of one pattern that start in [`from`, `before`), in their order. */
export function collectOf(ranked: RankedPattern, text: string, from: number, before: number, matches: RankedMatch[]): void {
  const { anchor, near, startsIn } = ranked.detector;
  if (anchor !== undefined) {
    collectBeforeAnchors(ranked, anchor, text, from, before, matches);
  } else if (near !== undefined) {
    collectNear(ranked, near, text, from, before, matches);
  } else if (startsIn !== undefined) {
    const nextStart = startsIn(text, before);
    for (let start = nextStart(from); start >= 0; start = nextStart(start + 1)) {
      tryAt(ranked, text, start, matches);
    }
  } else {
    search(ranked, text, from, before, matches);
  }
}

/** Tries the pattern at one place. */
export function tryAt(ranked: RankedPattern, text: string, start: number, matches: RankedMatch[]): void {
  const { sticky } = ranked;
  must(sticky !== undefined, 'a pattern that says where its matches begin is a regular expression');
  sticky.lastIndex = start;
  // Not `exec`: what that returns costs four times the search.
  if (sticky.test(text)) {
    judgeMatch(ranked, text, start, sticky.lastIndex, matches);
  }
}

function judgeMatch({ detector, priority }: RankedPattern, text: string, start: number, end: number, matches: RankedMatch[]): void {
  const { lengthMax, entity, ruleOf } = detector;
  if (end > start && end - start <= lengthMax) {
    const rule = ruleOf === undefined ? detector.rule : ruleOf(text, start, end);
    if (ruleOf === undefined ? detector.judge(text, start, end) : rule !== undefined) {
      matches.push({ entity, rule, start, end, priority });
    }
  }
}

/** The first start from `from` on that matches, wherever it is; undefined where there is none any more. */
function searchOne(ranked: RankedPattern, text: string, from: number, before: number, matches: RankedMatch[]): number | undefined {
  const { pattern } = ranked.detector;
  pattern.lastIndex = from;
  const found = pattern.exec(text);
  if (found === null) {
    return undefined;
  }
  if (found.index < before) {
    judgeMatch(ranked, text, found.index, found.index + found[0].length, matches);
  }
  return found.index;
}

/**
 * Behind a start, accepted or not: what is found at one place must not depend on what was found before it. Behind a pair of surrogates, though:
 * with the flag `u` a search from within one begins before it, again and again.
 */
const behindStart = (text: string, start: number): number =>
  start + (isHighSurrogate(text, start) && isLowSurrogate(text, start + 1) ? 2 : 1);

function search(ranked: RankedPattern, text: string, from: number, before: number, matches: RankedMatch[]): void {
  for (let start: number | undefined = from; start !== undefined && start < before;) {
    const found = searchOne(ranked, text, start, before, matches);
    start = found === undefined ? undefined : behindStart(text, found);
  }
}

/** How much further than it must a search behind a word goes: where such words are many, not each is looked for. UTF-16 units. */
const beyondNear = 64;

/** Searches only behind the words that `judge` asks for. */
function collectNear(ranked: RankedPattern, near: RegExp, text: string, from: number, before: number, matches: RankedMatch[]): void {
  let start = from;
  near.lastIndex = Math.max(0, from - contextMax);
  for (let word = near.exec(text); word !== null && start < before; word = near.exec(text)) {
    const end = Math.min(before, near.lastIndex + contextMax + beyondNear);
    start = Math.max(start, word.index);
    while (start < end) {
      const found = searchOne(ranked, text, start, end, matches);
      if (found === undefined) {
        return;
      }
      start = found < end ? behindStart(text, found) : found;
    }
    // Words that lie too far before the next start are of no use.
    near.lastIndex = Math.max(near.lastIndex, start - contextMax - nearMax);
  }
}

function collectBeforeAnchors(
  ranked: RankedPattern,
  anchor: Anchor,
  text: string,
  from: number,
  before: number,
  matches: RankedMatch[],
): void {
  const isBefore = charsBefore(anchor);
  let tried = from;
  for (let at = text.indexOf(anchor.text, from); at >= 0 && tried < before; at = text.indexOf(anchor.text, at + 1)) {
    const first = Math.max(tried, at - anchor.before);
    let start = at;
    while (start > first && isOf(isBefore, text.charCodeAt(start - 1))) {
      start -= 1;
    }
    for (tried = Math.max(tried, at); start < at && start < before; start += 1) {
      tryAt(ranked, text, start, matches);
    }
  }
}

/** By ASCII code, 1 for what may stand before the anchor. */
const charsBefore = oncePer(({ chars }: Anchor) => tableOf(chars));

const isOf = (table: Uint8Array, code: number): boolean => code >= asciiCount || table[code] === 1;
