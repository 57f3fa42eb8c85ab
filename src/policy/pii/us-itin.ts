import type { PatternDetector } from '../detect/detector.ts';
import { inGroups } from '../detect/beginnings.ts';
import { openNumber } from './open-ends.ts';
import { digitsOf, isFreeNumber, valueStart, wordBefore, wordsMax } from './surroundings.ts';

const isNamed = wordBefore('itin|tax ?id|tin|taxpayer|individual tax');

function judge(text: string, start: number, end: number): boolean {
  const group = Number(digitsOf(text, start, end).slice(3, 5));
  const isAssigned = (group >= 50 && group <= 65) || (group >= 70 && group <= 88) || (group >= 90 && group <= 92) || group >= 94;
  return isAssigned && isFreeNumber(text, start, end) && (/[- ]/.test(text.charAt(start + 3)) || isNamed(text, start));
}

/** US individual taxpayer identification numbers: the IRS' form, 9xx with the groups it assigns. */
export const usItin: PatternDetector = {
  kind: 'pattern',
  entity: 'us_itin',
  pattern: new RegExp(String.raw`${valueStart}9\d{2}(?:-\d{2}-| \d{2} |\d{2})\d{4}(?!\d)`, 'g'),
  lengthMax: 11,
  leftMax: wordsMax,
  begins: inGroups('9', 3, 2, 4),
  judge,
  open: openNumber,
};
