import type { PatternDetector } from '../detect/detector.ts';
import { lengthsFrom } from '../detect/beginnings.ts';
import { passesLuhn } from './checksums.ts';
import { openNumber } from './open-ends.ts';
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

const isIssued = (digits: string): boolean =>
  issuers.some(([begin, min, max]) => digits.length >= min && digits.length <= max && begin.test(digits));

/** The first two digits of all of them: most rows of numbers begin otherwise. */
const issued = '(?=06|18|2[0-7]|3[04-9]|[4-6]|8[12]|97)';

const isNamedAadhaar = wordBefore(
  '(?:a{1,2}dha{1,2}r|uidai|आधार)(?: (?:pvc|id|identity))?(?: cards?)?',
  'cards?|maestro|visa|mastercard|ru pay|cc|cvv|kreditkarte|karte|carte|tarjeta|carta|cartão',
);

function judge(text: string, start: number, end: number): boolean {
  if (!isFreeNumber(text, start, end)) {
    return false;
  }
  const digits = digitsOf(text, start, end);
  if (!passesLuhn(digits) || !isIssued(digits) || isNamedOtherwise(text, start)) {
    return false;
  }
  // Twelve digits are more often an Aadhaar than a card.
  return digits.length > 12 || !isNamedAadhaar(text, start);
}

const gap = String.raw`[ \u00a0.-]`;
const shared = { kind: 'pattern', entity: 'card', lengthMax: 24, leftMax: wordsMax, judge, open: openNumber } as const;

/** Payment cards: 12 to 19 digits in a row, or in the groups that are printed on cards; Luhn; an issuer's beginning. */
export const card: PatternDetector = {
  ...shared,
  begins: [
    { first: '0-9', lengths: lengthsFrom(12, 19) },
    { first: '0-9', lengths: [4], next: [4, 6] },
    { first: '0-9', lengths: [8], next: [8] },
  ],
  pattern: new RegExp(
    String.raw`${valueStart}${issued}(?:\d{12,19}(?!\d)|\d{4}${gap}(?:\d{4}${gap}\d{4}${gap}\d{1,4}|\d{6}${gap}\d{4,5})(?!\d)|\d{8}${gap}\d{8}(?!\d))`,
    'g',
  ),
};

/**
 * Groups that begin like those of a shorter number: 19 digits, 12 and 13 digits, and groups of no fixed length. Of the latter all that stand
 * together are one number: more than 19 digits are no card, whatever a part of them is.
 */
export const cardInOtherGroups: PatternDetector = {
  ...shared,
  lengthMax: 40,
  begins: [
    { first: '0-9', lengths: [2, 3, 4, 5, 6, 7], next: [2, 3, 4, 5, 6, 7] },
    { first: '0-9', lengths: [6], next: lengthsFrom(8, 13) },
  ],
  pattern: new RegExp(
    String.raw`${valueStart}${issued}(?:\d{4}(?:${gap}\d{4}){3}${gap}\d{1,3}(?!\d)|\d{4}${gap}\d{4}${gap}\d{4,5}(?!\d)|\d{6}${gap}\d{6,13}(?!\d)|(?!(?:\d${gap}?){20})\d{2,7}(?:${gap}\d{2,7}){2,6}(?!\d))`,
    'g',
  ),
};
