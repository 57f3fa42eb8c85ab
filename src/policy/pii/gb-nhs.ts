import type { PatternDetector } from '../detect/detector.ts';
import { inGroups } from '../detect/beginnings.ts';
import { weightedSum } from './checksums.ts';
import { openNumber } from './open-ends.ts';
import { digitsOf, isFreeNumber, valueStart, wordBefore, wordsMax } from './surroundings.ts';

const isNamed = wordBefore('nhs|national health|health service|patient|chi');
const weights = [10, 9, 8, 7, 6, 5, 4, 3, 2];

function judge(text: string, start: number, end: number): boolean {
  if (!isFreeNumber(text, start, end)) {
    return false;
  }
  const digits = digitsOf(text, start, end);
  const check = (11 - (weightedSum(digits, weights) % 11)) % 11;
  return check === Number(digits.at(9)) && isNamed(text, start);
}

/** United Kingdom, NHS numbers: ten digits, the last by modulus 11 (NHS Data Dictionary). Phone numbers look the same: it must be named. */
export const gbNhs: PatternDetector = {
  kind: 'pattern',
  entity: 'gb_nhs',
  pattern: new RegExp(String.raw`${valueStart}(?:\d{10}|\d{3}[ -]\d{3}[ -]\d{4})(?!\d)`, 'g'),
  lengthMax: 12,
  leftMax: wordsMax,
  begins: inGroups('0-9', 3, 3, 4),
  judge,
  open: openNumber,
};
