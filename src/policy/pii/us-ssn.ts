import type { PatternDetector } from '../detect/detector.ts';
import { inGroups } from '../detect/beginnings.ts';
import { openNumber } from './open-ends.ts';
import { digitsOf, isFreeNumber, isNamedOtherwise, valueStart, wordBefore, wordsMax } from './surroundings.ts';

const isNamed = wordBefore(
  String.raw`ssn|ssns|ss#|social security|social sec|soc sec|social[- ]?security[- ]?(?:no|number)|tax ?id|tin|taxpayer`,
);

function judge(text: string, start: number, end: number): boolean {
  const digits = digitsOf(text, start, end);
  const area = Number(digits.slice(0, 3));
  if (
    !isFreeNumber(text, start, end) ||
    area === 0 ||
    area === 666 ||
    area >= 900 ||
    digits.startsWith('00', 3) ||
    digits.endsWith('0000')
  ) {
    return false;
  }
  // Hyphens and spaces in these places are the number's own form; the other ways to write it need a word that names it.
  return /[- ]/.test(text.charAt(start + 3)) || (isNamed(text, start) && !isNamedOtherwise(text, start));
}

/** US social security numbers: the Social Security Administration's rules for area, group and serial number. There is no check digit. */
export const usSsn: PatternDetector = {
  kind: 'pattern',
  entity: 'us_ssn',
  pattern: new RegExp(String.raw`${valueStart}(?:\d{3}-\d{2}-\d{4}|\d{3} \d{2} \d{4}|\d{3}\.\d{2}\.\d{4}|\d{9})(?!\d)`, 'g'),
  lengthMax: 11,
  leftMax: wordsMax,
  begins: inGroups('0-9', 3, 2, 4),
  judge,
  open: openNumber,
};
