import type { PatternDetector } from '../detect/detector.ts';
import { passesLuhn } from './checksums.ts';
import { hasDigits, openNumber } from './open-ends.ts';
import { digitsOf, isFreeNumber, isNamedOtherwise, valueStart, wordBefore, wordsMax } from './surroundings.ts';

/**
 * Beginnings that issuers have (ISO/IEC 7812 and the schemes' own lists) with their lengths: Visa, Mastercard, American Express, Diners Club,
 * Discover, JCB, UnionPay, Maestro, RuPay, Mir, Troy, Verve.
 */
const issuers: readonly (readonly [RegExp, number, number])[] = [
  [/^4/, 13, 13],
  [/^4/, 16, 19],
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, 16, 16],
  [/^3[47]/, 15, 15],
  [/^(?:30|3[689])/, 14, 19],
  [/^35/, 16, 19],
  [/^(?:2131|1800)/, 15, 15],
  [/^220[0-4]/, 16, 19],
  [/^(?:8[12]|9792)/, 16, 19],
  [/^(?:50|5[6-9]|6|0604)/, 12, 19],
];

function isCardNumber(digits: string): boolean {
  return passesLuhn(digits) && issuers.some(([begin, min, max]) => digits.length >= min && digits.length <= max && begin.test(digits));
}

const isNamedAadhaar = wordBefore(
  '(?:a{1,2}dha{1,2}r|uidai|आधार)(?: (?:pvc|id|identity))?(?: cards?)?',
  'cards?|maestro|visa|mastercard|ru pay|cc|cvv|kreditkarte|karte|carte|tarjeta|carta|cartão',
);

function judge(text: string, start: number, end: number): boolean {
  const digits = digitsOf(text, start, end);
  if (!isFreeNumber(text, start, end) || !isCardNumber(digits) || isNamedOtherwise(text, start)) {
    return false;
  }
  // Twelve digits are more often an Aadhaar than a card.
  return digits.length > 12 || !isNamedAadhaar(text, start);
}

const gap = String.raw`[ \u00a0.-]`;
const shared = { kind: 'pattern', entity: 'card', lengthMax: 24, leftMax: wordsMax, gate: hasDigits(11), judge, open: openNumber } as const;

/** Payment cards: 12 to 19 digits in a row, or in the groups that are printed on cards; Luhn; an issuer's beginning. */
export const card: PatternDetector = {
  ...shared,
  pattern: new RegExp(
    String.raw`${valueStart}(?:\d{12,19}(?!\d)|\d{4}(?:${gap}\d{4}){3}(?!\d)|\d{4}${gap}\d{6}${gap}\d{4,5}(?!\d)|\d{4}(?:${gap}\d{4}){2}${gap}\d{1,3}(?!\d)|\d{8}${gap}\d{8}(?!\d))`,
    'g',
  ),
};

/** Groups that begin like those of a shorter number: 19 digits, 12 and 13 digits, and groups of no fixed length. */
export const cardInOtherGroups: PatternDetector = {
  ...shared,
  lengthMax: 26,
  pattern: new RegExp(
    String.raw`${valueStart}(?:\d{4}(?:${gap}\d{4}){3}${gap}\d{1,3}(?!\d)|\d{4}${gap}\d{4}${gap}\d{4,5}(?!\d)|\d{6}${gap}\d{6,13}(?!\d)|\d{2,7}(?:${gap}\d{2,7}){2,6}(?!\d))`,
    'g',
  ),
};
