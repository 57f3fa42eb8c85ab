import { complete, draw, group, type EntitySource } from '../entity-source.ts';
import type { Random } from '../random.ts';

const digits = '0123456789';
const sumOf = (value: string, weights: readonly number[]): number =>
  weights.reduce((sum, weight, place) => sum + weight * Number(value.charAt(place)), 0);

const isTfn = (value: string): boolean => sumOf(value, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0;

function tfn(random: Random): string {
  const number = draw(() => complete(random.text(1, '123456789') + random.digits(7), digits, isTfn));
  return random.pick([number, group(number, [3, 3, 3], ' ')]);
}

function medicare(random: Random): string {
  const body = random.text(1, '23456') + random.digits(7);
  const number = body + String(sumOf(body, [1, 3, 7, 9, 1, 3, 7, 9]) % 10) + random.text(1, '123456789');
  return random.pick([number, group(number, [4, 5, 1], ' ')]);
}

/** As the register describes it: the check is in the first two digits, 10 and up. */
function abn(random: Random): string {
  const rest = random.digits(9);
  const sum = sumOf(rest, [3, 5, 7, 9, 11, 13, 15, 17, 19]);
  const number = String(10 + ((89 - (sum % 89)) % 89)) + rest;
  return random.pick([number, group(number, [2, 3, 3, 3], ' ')]);
}

function nric(random: Random): string {
  const kind = random.pick(['S', 'T', 'F', 'G']);
  const number = random.digits(7);
  const sum = sumOf(number, [2, 7, 6, 5, 4, 3, 2]) + (kind === 'T' || kind === 'G' ? 4 : 0);
  // Counted from the other end than the authority's remainder.
  return kind + number + ('ST'.includes(kind) ? 'ABCDEFGHIZJ' : 'KLMNPQRTUWX').charAt(10 - (sum % 11));
}

export const asiaPacific: readonly EntitySource[] = [
  { entity: 'au_tfn', value: tfn, labels: ['TFN', 'tax file number'], needsLabel: true },
  { entity: 'au_medicare', value: medicare, labels: ['Medicare', 'Medicare number', 'medicare card'], needsLabel: true },
  { entity: 'au_abn', value: abn, labels: ['ABN', 'abn'], needsLabel: true },
  { entity: 'sg_nric', value: nric, labels: ['NRIC', 'FIN', 'nric no'] },
];
