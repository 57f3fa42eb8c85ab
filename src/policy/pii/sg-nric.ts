import type { PatternDetector } from '../detect/detector.ts';
import { openWord } from './open-ends.ts';
import { weightedSum } from './checksums.ts';
import { isFree, valueStart } from './surroundings.ts';

const weights = [2, 7, 6, 5, 4, 3, 2];
/** By the first letter: what is added, and the letters by remainder. */
const added = new Map([
  ['T', 4],
  ['G', 4],
  ['M', 3],
]);
const lettersOf = (first: string): string => (/[ST]/.test(first) ? 'JZIHGFEDCBA' : first === 'M' ? 'XWUTRQPNJLK' : 'XWUTRQPNMLK');

function passesCheck(value: string): boolean {
  const first = value.charAt(0);
  const rest = (weightedSum(value.slice(1, 8), weights) + (added.get(first) ?? 0)) % 11;
  return lettersOf(first).charAt(rest) === value.charAt(8);
}

/** Singapore, NRIC of citizens and residents and FIN of foreigners: the Immigration & Checkpoints Authority's form with its check letter. */
export const sgNric: PatternDetector = {
  kind: 'pattern',
  entity: 'sg_nric',
  pattern: new RegExp(String.raw`${valueStart}[STFGM]\d{7}[A-Z](?![A-Za-z0-9])`, 'gi'),
  lengthMax: 9,
  leftMax: 2,
  begins: [{ first: 'STFGMstfgm', lengths: [9] }],
  judge: (text, start, end) => isFree(text, start, end) && passesCheck(text.slice(start, end).toUpperCase()),
  open: openWord,
};
