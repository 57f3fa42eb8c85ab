import type { PatternDetector } from '../detect/detector.ts';
import { inGroups } from '../detect/beginnings.ts';
import { openDocument } from './open-ends.ts';
import { compactOf, isFree, valueStart, wordBefore, wordsMax } from './surroundings.ts';

const neverIssued = new Set(['BG', 'GB', 'KN', 'NK', 'NT', 'TN', 'ZZ']);
const isNamed = wordBefore('nino|ni|national insurance');

function judge(text: string, start: number, end: number): boolean {
  const compact = compactOf(text, start, end);
  if (!isFree(text, start, end) || neverIssued.has(compact.slice(0, 2))) {
    return false;
  }
  return /^[A-Z]{2}/.test(text.slice(start, end)) || isNamed(text, start);
}

/** United Kingdom, national insurance numbers: HMRC's manual NIM39110. No check digit. */
export const gbNino: PatternDetector = {
  kind: 'pattern',
  entity: 'gb_nino',
  pattern: new RegExp(
    String.raw`${valueStart}[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?:\d{6}|([ -])?\d{2}[ -]?\d{2}[ -]?\d{2}[ -]?)[A-D](?![A-Za-z0-9])`,
    'gi',
  ),
  lengthMax: 13,
  leftMax: wordsMax,
  begins: inGroups('A-Za-z', 2, 2, 2, 2, 1),
  judge,
  open: openDocument,
};
