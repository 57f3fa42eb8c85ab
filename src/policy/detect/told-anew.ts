import { contextMax } from './detector.ts';
import type { DetectorSet } from './detector-set.ts';
import { collectMatches } from './matches.ts';
import { readSigns } from './plain-signs.ts';
import { beginFinder } from './runs.ts';

/** What stands between two stand-ins, or between one and an end of the text. */
export interface Section {
  /** With `neutralEnd` behind it where a stand-in follows. */
  readonly text: string;
  readonly isBeforeStandIn: boolean;
}

/**
 * False where all that is found in a section is what was found there before its neighbours were hidden: nothing begins so near to its beginning
 * that the words before it could have told otherwise then, or so near to its end that it could have gone on there. True where that is not
 * certain.
 */
export const mayBeToldAnew = (set: DetectorSet, context: string, section: Section): boolean =>
  beginsAnew(set, context, section) || (section.isBeforeStandIn && endsAnew(set, context + section.text, context.length));

function beginsAnew(set: DetectorSet, context: string, { text }: Section): boolean {
  // As much as decides about whatever begins there: the longest match, and the character behind it.
  const head = context + text.slice(0, contextMax + set.matchMax + 2);
  const before = Math.min(head.length, context.length + contextMax);
  const reading = readSigns(head);
  const begin = beginFinder(set, reading.plain)(context.length);
  return (begin !== undefined && begin.start < before) || collectMatches(set, reading, context.length, before).length > 0;
}

function endsAnew(set: DetectorSet, text: string, from: number): boolean {
  const runMax = Math.max(0, ...set.runs.map(({ detector }) => detector.beginMax));
  const reading = readSigns(text);
  return (
    beginFinder(set, reading.plain)(Math.max(from, text.length - 2 * runMax)) !== undefined ||
    collectMatches(set, reading, from, text.length, text.length).length > 0
  );
}
