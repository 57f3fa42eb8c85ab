import type { PatternDetector } from '../detect/detector.ts';
import { openWord } from './open-ends.ts';
import { isFree, valueStart, wordBefore, wordsMax } from './surroundings.ts';

const isNamed = wordBefore('pan|pancard|permanent account|income tax|पैन');

function judge(text: string, start: number, end: number): boolean {
  if (!isFree(text, start, end)) {
    return false;
  }
  // Person, company, family, firm, …: any other fourth letter is a guess, and so is a number in small letters.
  return /^[A-Z]{3}[ABCEFGHJKLPT][A-Z]\d{4}[A-Z]$/.test(text.slice(start, end)) || isNamed(text, start);
}

/** India's permanent account number: the Income Tax Department's form, five letters (the fourth says of whom), four digits, a letter. */
export const inPan: PatternDetector = {
  kind: 'pattern',
  entity: 'in_pan',
  pattern: new RegExp(String.raw`${valueStart}[A-Za-z]{5}\d{4}[A-Za-z](?![A-Za-z0-9])`, 'g'),
  lengthMax: 10,
  leftMax: wordsMax,
  begins: [{ first: 'A-Za-z', lengths: [10] }],
  judge,
  open: openWord,
};
