import type { PatternDetector } from '../detect/detector.ts';
import { openWord } from './open-ends.ts';
import { isFree, valueStart } from './surroundings.ts';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

function passesCheck(gstin: string): boolean {
  let sum = 0;
  for (let place = 0; place < 14; place += 1) {
    const weighted = alphabet.indexOf(gstin.charAt(place)) * (place % 2 === 0 ? 1 : 2);
    sum += Math.floor(weighted / 36) + (weighted % 36);
  }
  return alphabet.charAt((36 - (sum % 36)) % 36) === gstin.charAt(14);
}

/** India's GST identification number: a state's code, a permanent account number, its running number, Z, and a check character (base 36). */
export const gstin: PatternDetector = {
  kind: 'pattern',
  entity: 'gstin',
  pattern: new RegExp(String.raw`${valueStart}(?:[0-3]\d|9[79])[A-Z]{5}\d{4}[A-Z][1-9A-Z][A-Z][0-9A-Z](?![A-Za-z0-9])`, 'gi'),
  lengthMax: 15,
  leftMax: 2,
  begins: [{ first: '0-39', lengths: [15] }],
  judge: (text, start, end) => isFree(text, start, end) && passesCheck(text.slice(start, end).toUpperCase()),
  open: openWord,
};
