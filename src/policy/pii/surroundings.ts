import { asciiCount, entryOf } from '../detect/ascii.ts';
import { contextMax } from '../detect/detector.ts';
import { withoutStandIns } from '../detect/stand-ins.ts';

/**
 * Where a value may begin: at a word boundary, or behind an escape such as `\n` of a JSON text within a text (arguments of tools). Source of a
 * pattern. Two characters, which every context contains.
 */
export const valueStart = String.raw`(?:\b|(?<=\\[bfnrt]))`;

const digitBits = 1;
const wordBits = 2;
const escapeBits = 4;
/** By ASCII code: a digit, a character of a word, a letter that may stand behind the backslash of an escape. */
const kinds = Uint8Array.from({ length: asciiCount }, (_, code) => {
  const unit = String.fromCharCode(code);
  return (/\d/.test(unit) ? digitBits : 0) | (/\w/.test(unit) ? wordBits : 0) | (/[bfnrt]/.test(unit) ? escapeBits : 0);
});

const is = (text: string, at: number, bits: number): boolean => (entryOf(kinds, text.charCodeAt(at)) & bits) !== 0;

/** True for a letter, a digit or an underscore of ASCII. */
export const isInWord = (text: string, at: number): boolean => is(text, at, wordBits);

/** True where no word goes on at `start`; the letter of an escape belongs to what stands before it. */
export function beginsFree(text: string, start: number): boolean {
  if (text[start - 1] === '\\') {
    return !is(text, start, escapeBits);
  }
  return !is(text, start - 1, wordBits) || (text[start - 2] === '\\' && is(text, start - 1, escapeBits));
}

/** True where the value is no part of a longer word. */
export function isFree(text: string, start: number, end: number): boolean {
  return beginsFree(text, start) && !is(text, end, wordBits);
}

/**
 * True where digits are no part of a longer word, a decimal number, a phone number, a UUID or a row of numbers with hyphens. A comma before them
 * says nothing: in rows of values nothing else stands between two.
 */
export function isFreeNumber(text: string, start: number, end: number): boolean {
  const before = text[start - 1];
  if (before === '+' || !isFree(text, start, end)) {
    return false;
  }
  if (before !== '.' && before !== '-') {
    return true;
  }
  return !is(text, start - 2, digitBits) && !/(?=[a-z]{0,3}\d)[\da-f]{4}-$/i.test(text.slice(Math.max(0, start - 5), start));
}

/** How far words may be from the value that they speak of, UTF-16 units. */
export const wordsMax = contextMax;

/** What was asked last: several words are looked for before the same value. */
let lastBefore = '';
let lastWords = '';

/** What the value is given to, or the step of a path before it: `bytes=`, `/items/`. */
const ownName = /(?:(?<![\w.-])([A-Za-z][\w.-]{0,39})=["'(]{0,2}|\/([A-Za-z][A-Za-z_-]{1,23})\/)$/;
/** Names that leave it to what stands before them to say what the value is: `name="ssn" value="…"`. */
const neutralName = /^(?:value|val|number|no|nr|num|id|text|content|data|query|input|default|result|str|string|key|arg|param|[a-z])$/i;

/** Of what stands before a value, the part that can name it: its own name, where it has one that says something. */
function namingPart(plain: string): string {
  const found = ownName.exec(plain);
  const name = found?.[1] ?? found?.[2];
  return found === null || name === undefined || neutralName.test(name) ? plain : found[0];
}

/** What the words before a value are rarely joined by: to ask first costs less than to replace. */
const joined = /[a-z][A-Z]|\\/;

/**
 * What stands before a value, for patterns of words in small letters. The words of `camelCase` are put apart, and escapes from what follows; what
 * stands for another value is no word.
 */
function wordsBefore(text: string, start: number): string {
  const before = text.slice(Math.max(0, start - wordsMax), start);
  if (before !== lastBefore) {
    lastBefore = before;
    const plain = namingPart(withoutStandIns(before));
    const words = joined.test(plain) ? plain.replaceAll(/(?<=[a-z])(?=[A-Z])|\\[bfnrt]/g, ' ') : plain;
    lastWords = words.toLowerCase();
  }
  return lastWords;
}

/** Small letters of the scripts of our words. */
const letter = String.raw`[a-z\u00df-\u024f\u0370-\u052f\u0900-\u097f]`;

/** The source of a pattern for one of `words` as a word of its own. */
const wordOf = (words: string): string => `(?<!${letter})(?:${words.replaceAll(' ', String.raw`[\s_-]{0,2}`)})(?!${letter})`;

/**
 * Finds one of `words` (source of a pattern, in small letters) as a word of its own, also in `snake_case` and `camelCase`; a space may be any gap.
 * Where `others` are given, one of those that stands nearer to the value says that it is something else.
 */
export function wordBefore(words: string, others?: string): (text: string, start: number) => boolean {
  const pattern = new RegExp(others === undefined ? wordOf(words) : `${wordOf(words)}(?!.*${wordOf(others)})`, 's');
  return (text, start) => pattern.test(wordsBefore(text, start));
}

/**
 * The same within so many characters of the same line, or of the one before where the value begins its own; not as a part of a name
 * with digits (`call8`).
 */
export function wordNear(words: string, charactersMax: number): (text: string, start: number) => boolean {
  const pattern = new RegExp(String.raw`${wordOf(words)}(?!\d)[^\n]{0,${String(charactersMax)}}\n?$`);
  return (text, start) => pattern.test(wordsBefore(text, start));
}

/** The number is called something that is no person's: `order no. 123456789012`. Only words that stand right before it count. */
const otherNames = new RegExp(
  String.raw`(?<!${letter})(?:order|invoice|tracking|shipment|parcel|transaction|txn|reference|ref|ticket|serial|sku|ean|upc|isbn|imei|timestamp|epoch|receipt|batch|build|job|request|session|message|event|trace|span|commit|case|claim|zip|post(?:al)?|plz|arn:aws:[\w:-]{0,40}|account|acct|bestell|rechnung|commande|facture|pedido|factura)[ _-]{0,2}(?:(?:no|nr|num|number|nummer|id|code|#|№)(?!${letter})\.?)?(?:\s{0,2}(?:is|was|[:=#"'(])){0,4}\s{0,2}$`,
);

export function isNamedOtherwise(text: string, start: number): boolean {
  return otherNames.test(wordsBefore(text, start));
}

/** How many digits stand between two places. */
export function countDigits(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at += 1) {
    count += is(text, at, digitBits) ? 1 : 0;
  }
  return count;
}

/** The digits between two places. */
export function digitsOf(text: string, start: number, end: number): string {
  let digits = '';
  let from = start;
  for (let at = start; at < end; at += 1) {
    if (!is(text, at, digitBits)) {
      digits += text.slice(from, at);
      from = at + 1;
    }
  }
  return digits + text.slice(from, end);
}

/** A value without the spaces and signs between its groups, in capitals. */
export const compactOf = (text: string, start: number, end: number): string =>
  text
    .slice(start, end)
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .toUpperCase();
