import { complete, draw, group, type EntitySource } from '../entity-source.ts';
import type { Random } from '../random.ts';
import { luhn } from './money.ts';

const digits = '0123456789';

function ssn(random: Random): string {
  const area = draw(() => {
    const drawn = String(1 + random.int(898)).padStart(3, '0');
    return drawn === '666' ? undefined : drawn;
  });
  const rest = `${String(1 + random.int(99)).padStart(2, '0')}-${String(1 + random.int(9998)).padStart(4, '0')}`;
  return random.pick([`${area}-${rest}`, `${area}-${rest}`, `${area}-${rest}`.replaceAll('-', ' ')]);
}

function itin(random: Random): string {
  const value = `9${random.digits(2)}-${String(random.pick([50, 58, 65, 70, 77, 88, 90, 92, 94, 99]))}-${random.digits(4)}`;
  return random.pick([value, value, value.replaceAll('-', ' ')]);
}

/** Brazil's check digits: the digit that makes the weighted sum, its own weight 1 included, divisible by 11; 10 is written 0. */
function withBrazilianDigit(body: string, weightMax: number): string {
  const sum = Array.from(body)
    .toReversed()
    .reduce((total, character, place) => total + (character.charCodeAt(0) - 48) * (2 + (place % (weightMax - 1))), 0);
  return body + String(((sum * 10) % 11) % 10);
}

function cpf(random: Random): string {
  const value = withBrazilianDigit(withBrazilianDigit(random.digits(9), 12), 12);
  return `${group(value.slice(0, 9), [3, 3, 3], '.')}-${value.slice(9)}`;
}

function cnpj(random: Random): string {
  const value = withBrazilianDigit(
    withBrazilianDigit(random.text(8, random.once(3) ? 'ABCDEFGHJKLMNPRSTVWXYZ0123456789' : digits) + '0001', 9),
    9,
  );
  return `${group(value.slice(0, 8), [2, 3, 3], '.')}/${value.slice(8, 12)}-${value.slice(12)}`;
}

function sin(random: Random): string {
  const number = draw(() => complete(random.text(1, '1234567') + random.digits(7), digits, luhn));
  return random.pick([group(number, [3, 3, 3], '-'), group(number, [3, 3, 3], ' '), number]);
}

export const americas: readonly EntitySource[] = [
  { entity: 'us_ssn', value: ssn, labels: ['SSN', 'social security number', 'social security', 'ssn'] },
  { entity: 'us_itin', value: itin, labels: ['ITIN', 'taxpayer id', 'itin number'] },
  {
    entity: 'us_passport',
    value: (random) => random.pick([random.digits(9), random.text(1, 'ABCDEFGHJKLMNPQRSTUVWXYZ') + random.digits(8)]),
    labels: ['US passport', 'passport number', 'passport no'],
    needsLabel: true,
  },
  { entity: 'ca_sin', value: sin, labels: ['SIN', 'social insurance number'], needsLabel: true },
  { entity: 'br_cpf', value: cpf, labels: ['CPF', 'cpf do cliente'] },
  { entity: 'br_cnpj', value: cnpj, labels: ['CNPJ', 'empresa'] },
];
