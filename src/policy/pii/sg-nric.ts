import type { PatternDetector } from '../detect/detector.ts';
import { hasDigits, openWord } from './open-ends.ts';
import { weightedSum } from './checksums.ts';
import { isFree, valueStart } from './surroundings.ts';

const weights = [2, 7, 6, 5, 4, 3, 2];
/** By the first letter: what is added, and the letters by remainder. */
const series = new Map([
  ['S', { added: 0, letters: 'JZIHGFEDCBA' }],
  ['T', { added: 4, letters: 'JZIHGFEDCBA' }],
  ['F', { added: 0, letters: 'XWUTRQPNMLK' }],
  ['G', { added: 4, letters: 'XWUTRQPNMLK' }],
  ['M', { added: 3, letters: 'XWUTRQPNJLK' }],
]);

function passesCheck(value: string): boolean {
  const own = series.get(value.charAt(0));
  if (own === undefined) {
    return false;
  }
  const rest = (weightedSum(value.slice(1, 8), weights) + own.added) % 11;
  return own.letters.charAt(rest) === value.charAt(8);
}

/** Singapore, NRIC of citizens and residents and FIN of foreigners: the Immigration & Checkpoints Authority's form with its check letter. */
export const sgNric: PatternDetector = {
  kind: 'pattern',
  entity: 'sg_nric',
  pattern: new RegExp(String.raw`${valueStart}[STFGM]\d{7}[A-Z](?![A-Za-z0-9])`, 'gi'),
  lengthMax: 9,
  leftMax: 2,
  gate: hasDigits(7),
  judge: (text, start, end) => isFree(text, start, end) && passesCheck(text.slice(start, end).toUpperCase()),
  open: openWord,
};
