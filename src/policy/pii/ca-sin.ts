import type { PatternDetector } from '../detect/detector.ts';
import { inGroups } from '../detect/beginnings.ts';
import { passesLuhn } from './checksums.ts';
import { openNumber } from './open-ends.ts';
import { digitsOf, isFreeNumber, valueStart, wordBefore, wordsMax } from './surroundings.ts';

const isNamed = wordBefore('sin|social insurance|assurance sociale|nas|canadian');

function judge(text: string, start: number, end: number): boolean {
  if (!isFreeNumber(text, start, end) || !passesLuhn(digitsOf(text, start, end))) {
    return false;
  }
  // Spaces between threes are also how many languages write millions.
  return text[start + 3] === '-' || isNamed(text, start);
}

/** Canada, social insurance numbers: nine digits that do not begin with 0 or 8, the last by Luhn. */
export const caSin: PatternDetector = {
  kind: 'pattern',
  entity: 'ca_sin',
  pattern: new RegExp(String.raw`${valueStart}[1-79]\d{2}(?:\d{6}|([ -])\d{3}\1\d{3})(?!\d)`, 'g'),
  lengthMax: 11,
  leftMax: wordsMax,
  begins: inGroups('1-79', 3, 3, 3),
  judge,
  open: openNumber,
};
