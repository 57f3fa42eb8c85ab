import type { PatternDetector } from '../detect/detector.ts';
import { openWord } from './open-ends.ts';
import { isFree, valueStart, wordBefore, wordsMax } from './surroundings.ts';

const isNamed = wordBefore('voter|voters|epic|elector|electoral|election|मतदाता');

/** India's voter card: the Election Commission's form, three letters and seven digits. Many other numbers look so: it must be named. */
export const inVoterId: PatternDetector = {
  kind: 'pattern',
  entity: 'in_voter_id',
  pattern: new RegExp(String.raw`${valueStart}[A-Za-z]{3}\d{7}(?![A-Za-z0-9])`, 'g'),
  lengthMax: 10,
  leftMax: wordsMax,
  begins: [{ first: 'A-Za-z', lengths: [10] }],
  judge: (text, start, end) => isFree(text, start, end) && isNamed(text, start),
  open: openWord,
};
