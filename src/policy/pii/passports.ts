import type { PatternDetector } from '../detect/detector.ts';
import { inGroups } from '../detect/beginnings.ts';
import { openDocument } from './open-ends.ts';
import { isFreeNumber, valueStart, wordBefore, wordsMax } from './surroundings.ts';

const isNamed = wordBefore('passport|passports|passeport|pasaporte|reisepass|passaporto|passaporte|पासपोर्ट');
const isBritish = wordBefore(
  'uk|gb|gbr|british|britain|united kingdom|hmpo|england|scotland|wales',
  String.raw`us passport|usa|u\.s\.?|american?|united states`,
);

/** Passport numbers have no check digit of their own: they must be named, and are no part of a path. */
const judge = (text: string, start: number, end: number): boolean =>
  isFreeNumber(text, start, end) && text[start - 1] !== '/' && isNamed(text, start);

const shared = { kind: 'pattern', leftMax: wordsMax, judge, open: openDocument } as const;

/** India: a letter, a number that does not begin with 0 and does not end so. */
export const inPassport: PatternDetector = {
  ...shared,
  entity: 'in_passport',
  pattern: new RegExp(String.raw`${valueStart}[A-PR-WYa-pr-wy][ -]?[1-9]\d[ ]?\d{4}[1-9](?![A-Za-z0-9])`, 'g'),
  lengthMax: 10,
  begins: inGroups('A-PR-WYa-pr-wy', 1, 2, 5),
};

/** United States: nine digits, or a letter and eight (the Department of State's next generation). */
export const usPassport: PatternDetector = {
  ...shared,
  entity: 'us_passport',
  pattern: new RegExp(String.raw`${valueStart}(?:[A-Za-z]\d{8}|\d{9})(?![A-Za-z0-9])`, 'g'),
  lengthMax: 9,
  begins: [{ first: '0-9A-Za-z', lengths: [9] }],
  judge: (text, start, end) => judge(text, start, end) && !isBritish(text, start),
};

/** United Kingdom: nine digits. */
export const gbPassport: PatternDetector = {
  ...shared,
  entity: 'gb_passport',
  pattern: new RegExp(String.raw`${valueStart}\d{3} ?\d{3} ?\d{3}(?![A-Za-z0-9])`, 'g'),
  lengthMax: 11,
  begins: inGroups('0-9', 3, 3, 3),
  judge: (text, start, end) => judge(text, start, end) && isBritish(text, start),
};
