import type { PatternDetector } from '../detect/detector.ts';
import { inGroups } from '../detect/beginnings.ts';
import { passesMod11And10 } from './checksums.ts';
import { openNumber } from './open-ends.ts';
import { digitsOf, isFreeNumber, isNamedOtherwise, valueStart, wordBefore, wordsMax } from './surroundings.ts';

/** Of the first ten digits one occurs twice or three times, the others once at most; since 2016 not three times in a row. */
function hasItsRepetition(digits: string): boolean {
  const ten = digits.slice(0, 10);
  const different = new Set(ten).size;
  // Eight different ones: one three times, or two of them twice.
  return different === 9 || (different === 8 && /(\d).*\1.*\1/.test(ten) && !/(\d)\1\1/.test(ten));
}

const isNamedAustralian = wordBefore(
  'abn|tfn|business number',
  'steuer|steuer id|steuernummer|(?:steuer)?identifikationsnummer|id nr|tax id|german|deutsche?',
);

function judge(text: string, start: number, end: number): boolean {
  const digits = digitsOf(text, start, end);
  return (
    passesMod11And10(digits) &&
    hasItsRepetition(digits) &&
    isFreeNumber(text, start, end) &&
    !isNamedOtherwise(text, start) &&
    !isNamedAustralian(text, start)
  );
}

/** Germany, Steuer-Identifikationsnummer: the Bundeszentralamt für Steuern's form, check digit by ISO/IEC 7064 MOD 11,10. */
export const deTaxId: PatternDetector = {
  kind: 'pattern',
  entity: 'de_tax_id',
  pattern: new RegExp(String.raw`${valueStart}[1-9]\d(?:\d{9}|([ /.-])\d{3}\1\d{3}\1\d{3})(?!\d)`, 'g'),
  lengthMax: 14,
  leftMax: wordsMax,
  begins: inGroups('1-9', 2, 3, 3, 3),
  judge,
  open: openNumber,
};
