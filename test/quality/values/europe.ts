import { complete, draw, group, type EntitySource } from '../entity-source.ts';
import type { Random } from '../random.ts';
import { upper } from '../random-text.ts';

const digits = '0123456789';
const sumOf = (value: string, weights: readonly number[]): number =>
  weights.reduce((sum, weight, place) => sum + weight * Number(value.charAt(place)), 0);

function nino(random: Random): string {
  const prefix = draw(() => {
    const drawn = random.text(1, 'ABCEGHJKLMNOPRSTWXYZ') + random.text(1, 'ABCEGHJKLMNPRSTWXYZ');
    return ['BG', 'GB', 'KN', 'NK', 'NT', 'TN', 'ZZ'].includes(drawn) ? undefined : drawn;
  });
  const value = prefix + random.digits(6) + random.text(1, 'ABCD');
  return random.pick([value, value, group(value, [2, 2, 2, 2, 1], ' ')]);
}

const isNhs = (value: string): boolean => sumOf(value, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0;

function nhs(random: Random): string {
  const number = draw(() => complete(random.digits(9), digits, isNhs));
  return random.pick([number, group(number, [3, 3, 4], ' ')]);
}

/** ISO/IEC 7064 MOD 11,10 as its pure form: the whole number, check digit included, leaves 1. */
function mod11And10(value: string): boolean {
  const last = Array.from(value).reduce((product, digit) => (((product + Number(digit)) % 10 || 10) * 2) % 11, 10);
  return last === 2;
}

function taxId(random: Random): string {
  const number = draw(() => {
    const distinct = Array.from(digits)
      .map((digit) => ({ digit, order: random.int(1e6) }))
      .toSorted((a, b) => a.order - b.order)
      .map(({ digit }) => digit)
      .slice(0, 9);
    const body = [...distinct.slice(0, 4), distinct[random.int(9)], ...distinct.slice(4)].join('');
    return body.startsWith('0') || /(\d)\1\1/.test(body) ? undefined : complete(body, digits, mod11And10);
  });
  return random.pick([number, group(number, [2, 3, 3, 3], ' ')]);
}

function idCard(random: Random): string {
  const body = `${random.text(1, 'LMNPRTVWXY')}${random.digits(1)}${random.text(7, 'CFGHJKLMNPRTVWXYZ0123456789')}`;
  const sum = Array.from(body).reduce(
    (total, character, place) => total + Number.parseInt(character, 36) * Number('731'.charAt(place % 3)),
    0,
  );
  return random.pick([body, body + String(sum % 10)]);
}

function nir(random: Random): string {
  const body = `${random.pick(['1', '2'])}${random.digits(2)}${String(1 + random.int(12)).padStart(2, '0')}${String(1 + random.int(95)).padStart(2, '0')}${random.digits(6)}`;
  const value = body + String(97n - (BigInt(body) % 97n)).padStart(2, '0');
  return random.pick([value, group(value, [1, 2, 2, 2, 3, 3, 2], ' ')]);
}

function nif(random: Random): string {
  const letters = 'TRWAGMYFPDXBNJZSQVHLCKE';
  const number = random.digits(8);
  const foreign = random.int(3);
  const own = `${number}${random.pick(['', '-'])}${letters.charAt(Number(number) % 23)}`;
  const seven = number.slice(1);
  return random.pick([own, own, `${'XYZ'.charAt(foreign)}${seven}${letters.charAt((foreign * 10_000_000 + Number(seven)) % 23)}`]);
}

/** The decree's table for odd places, written as it is printed: letters in the order of their values. */
const oddOrder = 'BAKPLCQDREVOSFTGUHMINJWZYX';
function fiscalCode(random: Random): string {
  const body = `${random.text(6, upper)}${random.digits(2)}${random.text(1, 'ABCDEHLMPRST')}${String(1 + random.int(28)).padStart(2, '0')}${random.text(1, 'ABCDEFGHIL')}${random.digits(3)}`;
  const sum = Array.from(body).reduce((total, character, place) => {
    const letter = upper.charAt(Number.parseInt(character, 36) % 10);
    const asLetter = /\d/.test(character) ? letter : character;
    return total + (place % 2 === 0 ? oddOrder.indexOf(asLetter) : upper.indexOf(asLetter));
  }, 0);
  return body + upper.charAt(sum % 26);
}

export const europe: readonly EntitySource[] = [
  { entity: 'gb_nino', value: nino, labels: ['NINO', 'national insurance number', 'NI number'] },
  { entity: 'gb_nhs', value: nhs, labels: ['NHS number', 'nhs no'], needsLabel: true },
  { entity: 'gb_passport', value: (random) => random.digits(9), labels: ['UK passport', 'British passport number'], needsLabel: true },
  { entity: 'de_tax_id', value: taxId, labels: ['Steuer-ID', 'Steueridentifikationsnummer', 'IdNr.'] },
  { entity: 'de_id_card', value: idCard, labels: ['Personalausweis', 'Personalausweisnummer', 'Ausweisnummer'], needsLabel: true },
  { entity: 'fr_nir', value: nir, labels: ['numéro de sécurité sociale', 'NIR', 'numéro sécu'] },
  { entity: 'es_nif', value: nif, labels: ['DNI', 'NIF', 'NIE'] },
  { entity: 'it_fiscal_code', value: fiscalCode, labels: ['codice fiscale', 'CF'] },
];
