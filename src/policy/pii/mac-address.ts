import type { PatternDetector } from '../detect/detector.ts';
import { openHex } from './open-ends.ts';
import { isFree, valueStart } from './surroundings.ts';

const pair = '[0-9A-Fa-f]{2}';
const sameForAll = /^(?:0+|f+)$/i;

function judge(text: string, start: number, end: number): boolean {
  const value = text.slice(start, end);
  const compact = value.replaceAll(/[^0-9A-Fa-f]/g, '');
  // A pair more or a sign before: a fingerprint, a UUID.
  if (
    !isFree(text, start, end) ||
    /[0-9A-Fa-f][:.-]$/.test(text.slice(Math.max(0, start - 2), start)) ||
    (compact.length !== 12 && compact.length !== 16)
  ) {
    return false;
  }
  // Cisco's form without a letter is a row of numbers; all zeros and all ones are nobody's.
  return !sameForAll.test(compact) && (!value.includes('.') || /[A-Fa-f]/.test(compact));
}

/** Hardware addresses: IEEE 802 EUI-48 and EUI-64 with colons or hyphens, EUI-48 in three groups with dots. */
export const macAddress: PatternDetector = {
  kind: 'pattern',
  entity: 'mac_address',
  pattern: new RegExp(
    String.raw`${valueStart}(?:${pair}(?::${pair}){5,9}|${pair}(?:-${pair}){5,9}|[0-9A-Fa-f]{4}(?:\.[0-9A-Fa-f]{4}){2,3})(?![0-9A-Fa-f])`,
    'g',
  ),
  lengthMax: 29,
  leftMax: 2,
  begins: [
    { first: '0-9A-Fa-f', lengths: [2], next: [2], sign: ':-' },
    { first: '0-9A-Fa-f', lengths: [4], next: [4], sign: '.' },
  ],
  judge,
  open: openHex,
};
