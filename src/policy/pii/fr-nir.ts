import type { PatternDetector } from '../detect/detector.ts';
import { inGroups } from '../detect/beginnings.ts';
import { remainder } from './checksums.ts';
import { compactOf, isFreeNumber, valueStart } from './surroundings.ts';

function judge(text: string, start: number, end: number): boolean {
  const compact = compactOf(text, start, end);
  // Corsica's departments count as 19 and 18.
  const number = compact.slice(0, 13).replace('2A', '19').replace('2B', '18');
  return isFreeNumber(text, start, end) && 97 - remainder(number, 97) === Number(compact.slice(13));
}

/** France, numéro d'inscription au répertoire: INSEE's form (sex, year, month, department, commune, order) and its key modulo 97. */
export const frNir: PatternDetector = {
  kind: 'pattern',
  entity: 'fr_nir',
  pattern: new RegExp(
    String.raw`${valueStart}[123478][ .-]?\d{2}[ .-]?(?:0[1-9]|1[0-2]|[2-9]\d)[ .-]?(?:\d{2}|2[ABab])[ .-]?\d{3}[ .-]?\d{3}[ .-]?\d{2}(?!\d)`,
    'g',
  ),
  lengthMax: 21,
  leftMax: 2,
  begins: inGroups('1-478', 1, 2, 2, 2, 3, 3, 2),
  judge,
  // Groups may be written apart, together, or both in one number.
  open: /\d(?:[ .-]?[\dABab]){0,14}[ .-]?$/,
};
