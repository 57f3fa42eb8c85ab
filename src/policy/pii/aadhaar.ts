import type { PatternDetector } from '../detect/detector.ts';
import { inGroups } from '../detect/beginnings.ts';
import { openNumber } from './open-ends.ts';
import { passesVerhoeff } from './checksums.ts';
import { digitsOf, isFreeNumber, isNamedOtherwise, valueStart, wordBefore, wordsMax } from './surroundings.ts';

const isNamed = wordBefore('a{1,2}dha{1,2}r|uidai|uid|आधार');

/** Some cards have twelve digits, too. */
const isNamedCard = wordBefore('cards?|maestro|visa|mastercard|cc|cvv|kreditkarte|karte|carte|tarjeta|carta|cartão');

/** Twelve digits that read as year, month, day, hour and minute. */
const isTime = (digits: string): boolean => /^20[0-4]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d$/.test(digits);

function judge(text: string, start: number, end: number): boolean {
  const digits = digitsOf(text, start, end);
  if (!isFreeNumber(text, start, end) || !passesVerhoeff(digits)) {
    return false;
  }
  // Not the middle of a longer number in groups of four.
  if (isNamedOtherwise(text, start) || /\d{4}[ \u00a0]$/.test(text.slice(Math.max(0, start - 5), start))) {
    return false;
  }
  return isNamed(text, start) || (!isTime(digits) && !isNamedCard(text, start));
}

/** India's Aadhaar: UIDAI's form, twelve digits of which the first is not 0 or 1, the last by Verhoeff. */
export const aadhaar: PatternDetector = {
  kind: 'pattern',
  entity: 'aadhaar',
  pattern: new RegExp(String.raw`${valueStart}[2-9]\d{3}(?:[ \u00a0.:-]\d{4}[ \u00a0.:-]|\d{4})\d{4}(?!\d)`, 'g'),
  lengthMax: 14,
  leftMax: wordsMax,
  begins: inGroups('2-9', 4, 4, 4),
  judge,
  open: openNumber,
};
