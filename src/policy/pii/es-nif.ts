import type { PatternDetector } from '../detect/detector.ts';
import { inGroups } from '../detect/beginnings.ts';
import { openDocument } from './open-ends.ts';
import { compactOf, isFreeNumber, isNamedOtherwise, valueStart, wordsMax } from './surroundings.ts';

const letters = 'TRWAGMYFPDXBNJZSQVHLCKE';

/** `99585767E-23`: a number with an exponent. */
const hasExponent = (text: string, end: number): boolean => /^\dE[+-]$/i.test(text.slice(end - 2, end + 1));

function judge(text: string, start: number, end: number): boolean {
  const compact = compactOf(text, start, end);
  // A foreigner's first letter counts as a digit.
  const number = compact.slice(0, -1).replace('X', '0').replace('Y', '1').replace('Z', '2');
  return (
    letters.charAt(Number(number) % 23) === compact.at(-1) &&
    isFreeNumber(text, start, end) &&
    !isNamedOtherwise(text, start) &&
    !hasExponent(text, end)
  );
}

/** Spain, NIF of citizens and NIE of foreigners: the Ministerio del Interior's letter, modulo 23. */
export const esNif: PatternDetector = {
  kind: 'pattern',
  entity: 'es_nif',
  pattern: new RegExp(
    String.raw`${valueStart}(?:\d{8}|\d{2}\.\d{3}\.\d{3}|[XYZ][ .-]?\d{7}|[XYZ][ .-]?\d\.\d{3}\.\d{3})[ -]?[A-HJ-NP-TV-Z](?![A-Za-z0-9])`,
    'gi',
  ),
  lengthMax: 13,
  leftMax: wordsMax,
  begins: [...inGroups('0-9', 2, 3, 3, 1), ...inGroups('XYZxyz', 1, 1, 3, 3, 1)],
  judge,
  open: openDocument,
};
