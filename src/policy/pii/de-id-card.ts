import type { PatternDetector } from '../detect/detector.ts';
import { openWord } from './open-ends.ts';
import { isFree, valueStart, wordBefore, wordsMax } from './surroundings.ts';

const isNamed = wordBefore(
  String.raw`(?:personal)?ausweis(?:es|nummer|nr)?|perso|personalausweisnummer|reisepass(?:nummer|nr)?|passnummer|id[ -]?card|identity (?:card|document)|german (?:id|passport)|passport`,
);

/** The check digit of machine-readable documents: ICAO Doc 9303 part 3, weights 7, 3, 1, letters as 10 to 35. */
function passesCheck(value: string): boolean {
  let sum = 0;
  for (let place = 0; place < 9; place += 1) {
    sum += Number.parseInt(value.charAt(place), 36) * Number('731'.charAt(place % 3));
  }
  return sum % 10 === Number(value.charAt(9));
}

function judge(text: string, start: number, end: number): boolean {
  const value = text.slice(start, end).toUpperCase();
  if (!isFree(text, start, end) || !/\d/.test(value)) {
    return false;
  }
  return (value.length === 9 || passesCheck(value)) && isNamed(text, start);
}

/** Germany, identity cards and passports since 2010: nine characters without vowels, often with their check digit (ICAO Doc 9303). */
export const deIdCard: PatternDetector = {
  kind: 'pattern',
  entity: 'de_id_card',
  pattern: new RegExp(String.raw`${valueStart}[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ0-9]{8}(?:\d[Dd]?)?(?![A-Za-z0-9])`, 'gi'),
  lengthMax: 11,
  leftMax: wordsMax,
  begins: [{ first: 'CFGHJKLMNPRTVWXYZcfghjklmnprtvwxyz', lengths: [9, 10, 11] }],
  judge,
  open: openWord,
};
