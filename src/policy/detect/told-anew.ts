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
export function mayBeToldAnew(set: DetectorSet, context: string, { text, isBeforeStandIn }: Section): boolean {
  const reading = readSigns(context + text);
  const length = reading.plain.length;
  const from = context.length;
  const before = Math.min(length, from + contextMax);
  const nextBegin = beginFinder(set, reading.plain);
  if ((nextBegin(from)?.start ?? length) < before || collectMatches(set, reading, from, before).length > 0) {
    return true;
  }
  const runMax = Math.max(0, ...set.runs.map(({ detector }) => detector.beginMax));
  return (
    isBeforeStandIn &&
    (nextBegin(Math.max(from, length - 2 * runMax)) !== undefined || collectMatches(set, reading, from, length, length).length > 0)
  );
}
