import type { PatternDetector } from '../detect/detector.ts';
import { inGroups } from '../detect/beginnings.ts';
import { weightedSum } from './checksums.ts';
import { openNumber } from './open-ends.ts';
import { compactOf, digitsOf, isFree, isFreeNumber, valueStart, wordBefore, wordsMax } from './surroundings.ts';

/** Receita Federal's check digit: 11 minus the remainder, 0 where that has two digits. */
const checkDigit = (text: string, weights: readonly number[]): number => {
  const rest = weightedSum(text, weights) % 11;
  return rest < 2 ? 0 : 11 - rest;
};

const cpfWeights = [11, 10, 9, 8, 7, 6, 5, 4, 3, 2];
const namesCpf = wordBefore('cpf|cadastro de pessoas?');

function judgeCpf(text: string, start: number, end: number): boolean {
  const digits = digitsOf(text, start, end);
  const passes =
    checkDigit(digits, cpfWeights.slice(1)) === Number(digits.at(9)) && checkDigit(digits, cpfWeights) === Number(digits.at(10));
  if (!passes || /^(\d)\1+$/.test(digits) || !isFreeNumber(text, start, end)) {
    return false;
  }
  return text[start + 3] === '.' || namesCpf(text, start);
}

/** Brazil, CPF of persons: eleven digits, the last two modulo 11. */
export const brCpf: PatternDetector = {
  kind: 'pattern',
  entity: 'br_cpf',
  pattern: new RegExp(String.raw`${valueStart}\d{3}(?:\.\d{3}\.\d{3}-?|\d{6}-?| \d{3} \d{3}[ -])\d{2}(?!\d)`, 'g'),
  lengthMax: 14,
  leftMax: wordsMax,
  begins: inGroups('0-9', 3, 3, 3, 2),
  judge: judgeCpf,
  open: openNumber,
};

const cnpjWeights = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
const namesCnpj = wordBefore('cnpj');

function judgeCnpj(text: string, start: number, end: number): boolean {
  const compact = compactOf(text, start, end);
  // Letters count as their ASCII code less 48, as digits do.
  const passes =
    checkDigit(compact, cnpjWeights.slice(1)) === Number(compact.at(12)) && checkDigit(compact, cnpjWeights) === Number(compact.at(13));
  return passes && isFree(text, start, end) && !/^0+$/.test(compact) && (text[start + 2] === '.' || namesCnpj(text, start));
}

/** Brazil, CNPJ of companies: twelve characters (since July 2026 also letters) and two check digits modulo 11. */
export const brCnpj: PatternDetector = {
  kind: 'pattern',
  entity: 'br_cnpj',
  pattern: new RegExp(
    String.raw`${valueStart}(?:[A-Z0-9]{2}\.[A-Z0-9]{3}\.[A-Z0-9]{3}/[A-Z0-9]{4}-?|[A-Z0-9]{12}-?)\d{2}(?![A-Za-z0-9])`,
    'gi',
  ),
  lengthMax: 18,
  leftMax: wordsMax,
  begins: inGroups('0-9A-Za-z', 2, 3, 3, 4, 2),
  judge: judgeCnpj,
  open: /[A-Za-z0-9][A-Za-z0-9./-]{0,18}$/,
};
