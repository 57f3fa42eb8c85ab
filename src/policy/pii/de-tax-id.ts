import type { PatternDetector } from '../detect/detector.ts';
import { passesMod11And10 } from './checksums.ts';
import { hasDigits, openNumber } from './open-ends.ts';
import { digitsOf, isFreeNumber, isNamedOtherwise, valueStart, wordBefore, wordsMax } from './surroundings.ts';

/** Of the first ten digits one occurs twice or three times, the others once at most; since 2016 not three times in a row. */
function hasItsRepetition(digits: string): boolean {
  const repeated = Array.from({ length: 10 }, (_, digit) => digits.slice(0, 10).split(String(digit)).length - 1).filter(
    (count) => count > 1,
  );
  return repeated.length === 1 && repeated.every((count) => count <= 3) && !/(\d)\1\1/.test(digits.slice(0, 10));
}

const isNamedAustralian = wordBefore(
  'abn|tfn|business number',
  'steuer|steuer id|steuernummer|(?:steuer)?identifikationsnummer|id nr|tax id|german|deutsche?',
);

function judge(text: string, start: number, end: number): boolean {
  const digits = digitsOf(text, start, end);
  return (
    hasItsRepetition(digits) &&
    passesMod11And10(digits) &&
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
  gate: hasDigits(11),
  judge,
  open: openNumber,
};
