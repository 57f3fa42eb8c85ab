import type { PatternDetector } from '../detect/detector.ts';
import { inGroups } from '../detect/beginnings.ts';
import { weightedSum } from './checksums.ts';
import { openNumber } from './open-ends.ts';
import { digitsOf, isFreeNumber, isNamedOtherwise, valueStart, wordBefore, wordsMax } from './surroundings.ts';

const shared = { kind: 'pattern', leftMax: wordsMax, open: openNumber } as const;

const tfnWeights = [1, 4, 3, 7, 5, 8, 6, 9, 10];
const namesTfn = wordBefore('tfn|tax file');

/** Australia, tax file numbers: nine digits, modulus 11 (Australian Taxation Office). They must be named. */
export const auTfn: PatternDetector = {
  ...shared,
  entity: 'au_tfn',
  pattern: new RegExp(String.raw`${valueStart}\d{3}[ -]?\d{3}[ -]?\d{3}(?!\d)`, 'g'),
  lengthMax: 11,
  begins: inGroups('0-9', 3, 3, 3),
  judge: (text, start, end) =>
    isFreeNumber(text, start, end) && weightedSum(digitsOf(text, start, end), tfnWeights) % 11 === 0 && namesTfn(text, start),
};

const medicareWeights = [1, 3, 7, 9, 1, 3, 7, 9];
const namesMedicare = wordBefore('medicare');

function judgeMedicare(text: string, start: number, end: number): boolean {
  const digits = digitsOf(text, start, end);
  if (!isFreeNumber(text, start, end) || weightedSum(digits, medicareWeights) % 10 !== Number(digits.at(8))) {
    return false;
  }
  // The groups on the card are a form of its own.
  return /^\d{4} \d{5} \d/.test(text.slice(start, end)) || namesMedicare(text, start);
}

/** Australia, Medicare numbers: eight digits, a check digit, the issue of the card, and often the person's place on it (Services Australia). */
export const auMedicare: PatternDetector = {
  ...shared,
  entity: 'au_medicare',
  pattern: new RegExp(String.raw`${valueStart}[2-6]\d{3}[ -]?\d{5}[ -]?\d(?:[ /-]?\d)?(?!\d)`, 'g'),
  lengthMax: 14,
  begins: [...inGroups('2-6', 4, 5, 1), ...inGroups('2-6', 4, 5, 1, 1)],
  judge: judgeMedicare,
};

const abnWeights = [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19];
const namesAbn = wordBefore('abn|business number');

function judgeAbn(text: string, start: number, end: number): boolean {
  const digits = digitsOf(text, start, end);
  // The first digit counts one less.
  if (!isFreeNumber(text, start, end) || (weightedSum(digits, abnWeights) - 10) % 89 !== 0 || isNamedOtherwise(text, start)) {
    return false;
  }
  return text[start + 2] === ' ' || namesAbn(text, start);
}

/** Australia, business numbers: eleven digits, modulus 89 (Australian Business Register). */
export const auAbn: PatternDetector = {
  ...shared,
  entity: 'au_abn',
  pattern: new RegExp(String.raw`${valueStart}[1-9]\d(?:\d{9}| \d{3} \d{3} \d{3})(?!\d)`, 'g'),
  lengthMax: 14,
  begins: inGroups('1-9', 2, 3, 3, 3),
  judge: judgeAbn,
};
