import { lookAlike } from '../../core/masking.ts';
import type { DetectorSet, RankedPattern } from '../detect/detector-set.ts';
import { priorityOf, type RequestPlan } from './plan.ts';
import { isJson, type ReadSite } from './request-sites.ts';
import { findPlaceholders, isPlaceholder, type Finder, type Placeholders } from './restore.ts';
import { openJsonView, openWordsView } from './text-view.ts';

/**
 * The same plan, which finds look-alikes, too; undefined where the texts have none. Asked about what the client wrote itself: what was put
 * in by now is what it stands for.
 */
export function withLookAlikes(plan: RequestPlan, sites: readonly ReadSite[], known: Placeholders): RequestPlan | undefined {
  const finder = findPlaceholders(known);
  if (finder === undefined || !sites.some((site) => hasLookAlike(spoken(site), finder, known))) {
    return undefined;
  }
  return {
    ...plan,
    set: withPattern(plan.set, patternFor(finder, known), finder),
    isLookAlike: (standIn) => hasLookAlike(standIn, finder, known),
  };
}

/** What a text says, where escapes could hide it. */
function spoken(read: ReadSite): string {
  if (!read.text.includes('\\')) {
    return read.text;
  }
  const view = isJson(read) ? openJsonView() : openWordsView();
  return view
    .end(read.text)
    .map(({ text }) => text)
    .join('');
}

const hasLookAlike = (text: string, { whole }: Finder, known: Placeholders): boolean =>
  Array.from(text.matchAll(whole)).some(([found]) => isPlaceholder(known, found));

/** For those that a model would write otherwise: in other letter case, say. Where it overlaps with what is only noted it is hidden all the same. */
const patternFor = ({ whole, open, openMax }: Finder, known: Placeholders): RankedPattern => ({
  detector: {
    kind: 'pattern',
    entity: lookAlike,
    pattern: whole,
    lengthMax: openMax,
    leftMax: 0,
    gate: undefined,
    judge: (text, start, end) => isPlaceholder(known, text.slice(start, end)),
    open,
  },
  priority: priorityOf('mask'),
});

const withPattern = (set: DetectorSet, pattern: RankedPattern, { open, openMax }: Finder): DetectorSet => ({
  ...set,
  patterns: [...set.patterns, { sees: 'written', gate: undefined, patterns: [pattern] }],
  opens: [...set.opens, { sees: 'written', open, lengthMax: openMax, isInWord: true }],
  matchMax: Math.max(set.matchMax, pattern.detector.lengthMax),
});
