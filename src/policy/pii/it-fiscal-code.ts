import type { PatternDetector } from '../detect/detector.ts';
import { openWord } from './open-ends.ts';
import { isFree, valueStart } from './surroundings.ts';

/** What a character counts in odd places, by digit and by letter, in base 36 (decree of 23 December 1976); in even places it counts as itself. */
const oddValues = '10579dfhjl24ikb368cegampon';

const valueOf = (character: string): number => (/\d/.test(character) ? Number(character) : character.charCodeAt(0) - 65);

function passesCheck(code: string): boolean {
  let sum = 0;
  for (let place = 0; place < 15; place += 1) {
    const value = valueOf(code.charAt(place));
    sum += place % 2 === 0 ? Number.parseInt(oddValues.charAt(value), 36) : value;
  }
  return sum % 26 === code.charCodeAt(15) - 65;
}

/** Digits, or the letters that stand for them where two people would have the same code. */
const digit = '[0-9L-NP-V]';

/** Italy, codice fiscale of persons: name, date and place of birth, a check letter. */
export const itFiscalCode: PatternDetector = {
  kind: 'pattern',
  entity: 'it_fiscal_code',
  pattern: new RegExp(String.raw`${valueStart}[A-Z]{6}${digit}{2}[ABCDEHLMPRST]${digit}{2}[A-Z]${digit}{3}[A-Z](?![A-Za-z0-9])`, 'gi'),
  lengthMax: 16,
  leftMax: 2,
  begins: [{ first: 'A-Za-z', lengths: [16] }],
  judge: (text, start, end) => isFree(text, start, end) && passesCheck(text.slice(start, end).toUpperCase()),
  open: openWord,
};
