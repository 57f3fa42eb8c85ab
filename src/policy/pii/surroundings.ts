import { contextMax } from '../detect/detector.ts';

/**
 * Where a value may begin: at a word boundary, or behind an escape such as `\n` of a JSON text within a text (arguments of tools). Source of a
 * pattern. The only lookbehind in detectors: two characters, which every context contains.
 */
export const valueStart = String.raw`(?:\b|(?<=\\[bfnrt]))`;

const isWord = (unit: string | undefined): boolean => unit !== undefined && /\w/.test(unit);
const isEscape = (unit: string | undefined): boolean => unit !== undefined && /[bfnrt]/.test(unit);

/** True where no word goes on at `start`; the letter of an escape belongs to what stands before it. */
export function beginsFree(text: string, start: number): boolean {
  if (text[start - 1] === '\\') {
    return !isEscape(text[start]);
  }
  return !isWord(text[start - 1]) || (text[start - 2] === '\\' && isEscape(text[start - 1]));
}

/** True where the value is no part of a longer word. */
export function isFree(text: string, start: number, end: number): boolean {
  return beginsFree(text, start) && !isWord(text[end]);
}

/** True where digits are no part of a longer word, a decimal number, a UUID or a row of numbers with the same sign between them. */
export function isFreeNumber(text: string, start: number, end: number): boolean {
  return isFree(text, start, end) && !/\d[.,/-]$|(?=[a-z]{0,3}\d)[\da-f]{4}-$/i.test(text.slice(Math.max(0, start - 5), start));
}

/** How far words may be from the value that they speak of, UTF-16 units. */
export const wordsMax = contextMax;

/** Finds one of `words` (source of a pattern, any case) as a word of its own, also in `snake_case` and `camelCase`. */
export function wordBefore(words: string): (text: string, start: number) => boolean {
  const pattern = new RegExp(`(?<!\\p{L})(?:${words})(?!\\p{L})`, 'iu');
  return (text, start) => {
    const before = text.slice(Math.max(0, start - wordsMax), start);
    return pattern.test(before) || pattern.test(before.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' '));
  };
}

/** The number is called something that is no person's: `order no. 123456789012`. Only words that stand right before it count. */
const otherNames = new RegExp(
  String.raw`(?<!\p{L})(?:order|invoice|tracking|shipment|parcel|transaction|txn|reference|ref|ticket|serial|sku|ean|upc|isbn|imei|timestamp|epoch|receipt|batch|build|job|request|session|message|event|trace|span|commit|arn:aws:[\w:-]{0,40}|account|acct|bestell|rechnung|commande|facture|pedido|factura)[ _-]{0,2}(?:(?:no|nr|num|number|nummer|id|code|#|№)(?!\p{L})\.?)?(?:\s{0,2}(?:is|was|[:=#"'(])){0,4}\s{0,2}$`,
  'iu',
);

export function isNamedOtherwise(text: string, start: number): boolean {
  return otherNames.test(text.slice(Math.max(0, start - wordsMax), start).replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' '));
}

export const digitsOf = (text: string, start: number, end: number): string => text.slice(start, end).replaceAll(/\D/g, '');

/** A value without the spaces and signs between its groups, in capitals. */
export const compactOf = (text: string, start: number, end: number): string =>
  text
    .slice(start, end)
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .toUpperCase();
