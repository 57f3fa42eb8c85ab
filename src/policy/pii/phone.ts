import { asciiCount } from '../detect/ascii.ts';
import type { PatternDetector } from '../detect/detector.ts';
import { isInternational, isNational } from './phone-plans.ts';
import {
  beginsFree,
  countDigits,
  digitsOf,
  isInWord,
  isNamedOtherwise,
  valueStart,
  wordBefore,
  wordNear,
  wordsMax,
} from './surroundings.ts';

const isCalledPhone = wordBefore(
  String.raw`phones?|telephone|tel|mobile|mobil|mob|cell|cellphone|cellular|fax|sms|whats ?app|telegram|viber|hotline|helpline|landline|ph|(?:my|his|her|their|your|our|the) (?:number|no|digits)|handy|handynummer|telefon|telefonnummer|tel\.?nr|rufnummer|mobilnummer|festnetz|anrufen|tél|téléphone|portable|appelez|appeler|joindre|móvil|movil|teléfono|telefono|celular|llamar|llame|llámame|llama|cellulare|chiama|chiamare|chiamami|telefone|ligue|ligar|फ़ोन|फोन|मोबाइल`,
);

/** Words of every text and every program, too: they speak of a number only from nearby, in the same line. */
const isCalledUp = wordNear('call|calls|called|calling|dial|ring|text|contact|reach', 32);

const isNamed = (text: string, start: number): boolean => isCalledPhone(text, start) || isCalledUp(text, start);

/** And no part of a word: behind a number may stand another one, such as `0x7670efce` or `# 226d67bd`. */
const extension = String.raw`(?:[ ,]{0,2}(?:x|ext\.?|extn\.?|#)[ .:]{0,2}\d{1,6})?(?!\w)`;
const open = /[+(\d][\d ()./\u00a0,+#:extnETXN-]{0,144}$/;
const withoutExtension = (value: string): string => (/[x#]/i.test(value) ? value.replace(/[ ,]*(?:x|ext|#).*$/i, '') : value);

/**
 * True where `judge` takes the number, or the number without the last one or two groups: those may be something else that follows it. Hiding a
 * group too many is better than showing a number.
 */
function someReading(value: string, judge: (reading: string) => boolean): boolean {
  let reading = withoutExtension(value);
  for (let dropped = 0; dropped < 2; dropped += 1) {
    if (judge(reading)) {
      return true;
    }
    // Most have no such group: to ask first costs less than to replace.
    const shorter = reading.includes(' ') ? reading.replace(/ \d+$/, '') : reading;
    if (shorter.length === reading.length) {
      return false;
    }
    reading = shorter;
  }
  return judge(reading);
}

/** What may go on behind a number without making it another one. */
const endsNumber = (text: string, end: number): boolean =>
  text.charCodeAt(end) < asciiCount ? !isInWord(text, end) : !letter.test(text.charAt(end));
const letter = /\p{L}/u;

function judgeInternational(text: string, start: number, end: number): boolean {
  const value = text.slice(start, end);
  if (!beginsFree(text, start) || text[start - 1] === '+' || !endsNumber(text, end)) {
    return false;
  }
  const prefixLength = value.startsWith('+') ? 0 : callPrefixLength(value);
  return (
    someReading(value, (reading) => isInternational(reading, prefixLength)) &&
    (prefixLength === 0 || /[ ()./-]/.test(value) || isNamed(text, start))
  );
}

/** Digits of the prefix of calls abroad: 00, or 011 of North America. */
const callPrefixLength = (value: string): number => (value.startsWith('00') ? 2 : 3);

/** Phone numbers with their calling code: ITU-T E.164 and E.123, the plans of all countries. */
export const phoneInternational: PatternDetector = {
  kind: 'pattern',
  entity: 'phone',
  pattern: new RegExp(
    String.raw`(?:\+ ?|${valueStart}(?:00|011[ -]?))\(?[1-9](?:\d{0,3}\))?(?:[ \u00a0./-]{0,2}(?:\(\d{1,5}\)|\d)){6,16}${extension}`,
    'gi',
  ),
  lengthMax: 144,
  leftMax: wordsMax,
  begins: [
    { first: '0', lengths: 'any' },
    { first: '+', lengths: [] },
  ],
  judge: judgeInternational,
  open,
};

const gap = String.raw`[ .\u00a0-]`;
/** Groups that say of themselves that this is a phone number, in one of the countries that are known without a calling code. */
const shapes = new RegExp(
  [
    // North America.
    String.raw`(?:1${gap}?)?(?:\([2-9]\d{2}\)${gap}?|[2-9]\d{2}${gap})[2-9]\d{2}${gap}\d{4}`,
    // An area code in brackets.
    String.raw`\(\d{2,5}\)[ .\u00a0-]?\d{2,8}(?:[ .\u00a0/-]\d{2,6}){0,3}`,
    // A national prefix, then the area code.
    String.raw`0[1-9]\d{0,3}(?:[ \u00a0-]|/| / | - )\d{2,8}(?:[ \u00a0-]\d{2,6}){0,4}`,
    // France.
    String.raw`0[1-9](?:[ .\u00a0-]\d{2}){4}`,
    // India.
    String.raw`0?[6-9]\d{4}[ \u00a0-]\d{5}`,
    // Spain.
    String.raw`(?:[67]\d{2}|9\d{2}) \d{2} \d{2} \d{2}`,
    String.raw`9\d \d{3} \d{2} \d{2}`,
    // Italy.
    String.raw`3\d{2}[ .-](?:\d{6,7}|\d{3}[ .-]\d{4})`,
    // Brazil.
    String.raw`\d{2} 9\d{4}-\d{4}`,
  ]
    .map((shape) => `^${shape}$`)
    .join('|'),
);
/** Six pairs and more are bytes. Numbers are written in five at most. */
const bytes = /^(?:\d{2} ){5}\d{2}/;
/** ZIP+4 behind a state (USPS publication 28): `Boston, MA 02110-1301`. */
const zip = /^\d{5}-\d{4}$/;
const behindState = /(?<![A-Za-z])(?!PH|NO)[A-Z]{2}[\s,#*/]{1,6}$/;
const date = /^\(?(?:\d{1,2}[./ -]\d{1,2}[./ -](?:19|20)\d{2}|(?:19|20)\d{2}[./ -]\d{1,2}[./ -]\d{1,2})/;
/** Short first numbers with dots. */
const version = /^\d{1,2}\.\d{1,3}\./;
const local = /^[2-9]\d{2}[ .-]\d{4}$/;

/** The digits of the shortest local number, and of the longest with an extension and something behind it. */
const digitsMin = 7;
const digitsMax = 24;

function isPhone(value: string, isNamedHere: () => boolean): boolean {
  const digits = digitsOf(value, 0, value.length);
  if (digits.length < 9 || digits.length > 13) {
    return (local.test(value) || (digits.length === 8 && isNational(digits))) && isNamedHere();
  }
  if (shapes.test(value)) {
    return true;
  }
  // Some write a national prefix before the calling code.
  const isKnown = isNational(digits) || isInternational(digits, digits.startsWith('0') ? 1 : 0);
  return isKnown && !version.test(value) && isNamedHere();
}

function judgeNational(text: string, start: number, end: number): boolean {
  const digits = countDigits(text, start, end);
  if (digits < digitsMin || digits > digitsMax || !endsNumber(text, end) || !beginsFree(text, start)) {
    return false;
  }
  const value = text.slice(start, end);
  if (
    date.test(value) ||
    (bytes.test(value) && !isNamed(text, start)) ||
    (zip.test(value) && behindState.test(text.slice(Math.max(0, start - 8), start)))
  ) {
    return false;
  }
  return someReading(value, (reading) => isPhone(reading, () => isNamed(text, start))) && !isNamedOtherwise(text, start);
}

/** Behind a digit and a sign it is a part of a longer number, but for a new bracket, and for the next one of a row of numbers. */
const ownStart = String.raw`(?:(?<!\+|\d[ \u00a0./:-]|[A-Za-z]-)|(?<=\d{7}[ /]))${valueStart}`;

/**
 * Phone numbers as they are written at home: by their groups, or where a word names them and a country's plan has them. The pattern asks for
 * the least length first, since most numbers are shorter.
 */
export const phoneNational: PatternDetector = {
  kind: 'pattern',
  entity: 'phone',
  pattern: new RegExp(
    String.raw`(?=[\d ()./\u00a0-]{${String(digitsMin)}})(?:\(\d{2,5}\)[ .\u00a0-]?\d{2,11}|${ownStart}(?:0\d{1,3}[ -]\d{9,10}(?!\d)|\d{1,13}))(?:(?:[ .\u00a0/-]| [/-] )\d{2,8}|[ -]?\(\d{2,5}\)[ -]?\d{2,8}){0,5}${extension}`,
    'gi',
  ),
  lengthMax: 132,
  leftMax: wordsMax,
  begins: [
    { first: '0-9', lengths: 'any' },
    { first: '(', lengths: [] },
  ],
  judge: judgeNational,
  open,
};
