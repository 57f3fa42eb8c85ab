import { createHash } from 'node:crypto';
import { complete, draw, group, type EntitySource } from '../entity-source.ts';
import type { Random } from '../random.ts';
import { hex } from '../random-text.ts';

const digits = '0123456789';

/** Luhn with the published table for doubled digits instead of arithmetic. */
const doubled = '0246813579';
function luhn(value: string): boolean {
  const counted = Array.from(value)
    .toReversed()
    .map((digit, place) => Number(place % 2 === 0 ? digit : doubled.charAt(Number(digit))));
  return counted.reduce((sum, digit) => sum + digit, 0) % 10 === 0;
}
export { luhn };

/** Beginnings and lengths of cards that are issued. */
const brands: readonly [readonly [string, number], ...(readonly [string, number])[]] = [
  ['4', 16],
  ['4', 16],
  ['4', 16],
  ['4', 13],
  ['4', 19],
  ['51', 16],
  ['52', 16],
  ['53', 16],
  ['54', 16],
  ['55', 16],
  ['2221', 16],
  ['2400', 16],
  ['2650', 16],
  ['2720', 16],
  ['34', 15],
  ['37', 15],
  ['6011', 16],
  ['65', 16],
  ['644', 16],
  ['36', 14],
  ['305', 14],
  ['38', 14],
  ['3528', 16],
  ['3589', 16],
  ['2131', 15],
  ['1800', 15],
  ['62', 16],
  ['62', 19],
  ['5018', 12],
  ['5020', 16],
  ['5038', 13],
  ['6304', 19],
  ['6759', 12],
  ['6763', 16],
  ['60', 16],
  ['81', 16],
  ['2204', 16],
];

function card(random: Random): string {
  const [begin, length] = random.pick(brands);
  const number = draw(() => complete(begin + random.digits(length - begin.length - 1), digits, luhn));
  const separator = random.pick([' ', '-', ' ', '\u00a0']);
  if (random.int(2) === 0 || length === 13 || length === 19) {
    return length === 19 && random.once(3) ? group(number, [4, 4, 4, 4, 3], separator) : number;
  }
  return group(number, length === 15 ? [4, 6, 5] : length === 14 ? [4, 6, 4] : [4, 4, 4, 4], separator);
}

/** Account parts by country, as the registry prints them: n digits, a capitals, c both. */
const accounts: readonly [string, ...string[]] = [
  'AD n8c12',
  'AE n19',
  'AT n16',
  'BE n12',
  'CH n5c12',
  'CZ n20',
  'DE n18',
  'DK n14',
  'EE n16',
  'ES n20',
  'FI n14',
  'FR n10c11n2',
  'GB a4n14',
  'GR n7c16',
  'HR n17',
  'HU n24',
  'IE a4n14',
  'IT a1n10c12',
  'LT n16',
  'LU n3c13',
  'LV a4c13',
  'MT a4n5c18',
  'NL a4n10',
  'NO n11',
  'PL n24',
  'PT n21',
  'RO a4c16',
  'SA n2c18',
  'SE n20',
  'SI n15',
  'SK n20',
  'TR n6c16',
  'BR n23a1c1',
  'KW a4c22',
  'QA a4c21',
  'SC a4n20a3',
];

function iban(random: Random): string {
  const [country = '', form = ''] = random.pick(accounts).split(' ');
  const account = form.replaceAll(/([nac])(\d+)/g, (_, kind: string, count: string) =>
    random.text(
      Number(count),
      kind === 'n' ? digits : kind === 'a' ? 'ABCDEFGHIJKLMNOPQRSTUVWXYZ' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
    ),
  );
  // ISO 7064: 98 less the remainder of the whole with 00 for the check digits, by integers of any size.
  const number = Array.from(`${account}${country}00`)
    .map((character) => String(Number.parseInt(character, 36)))
    .join('');
  const value = `${country}${String(98n - (BigInt(number) % 97n)).padStart(2, '0')}${account}`;
  const written = random.pick([value, value, group(value, [4, 4, 4, 4, 4, 4, 4, 4], ' ')]);
  return random.once(12) ? written.toLowerCase() : written;
}

const base58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

function bitcoin(random: Random): string {
  const payload = Buffer.from(random.pick(['00', '05']) + random.text(40, hex), 'hex');
  const once = createHash('sha256').update(payload).digest();
  const bytes = Buffer.concat([payload, createHash('sha256').update(once).digest().subarray(0, 4)]);
  let number = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  for (; number > 0n; number /= 58n) {
    text = base58.charAt(Number(number % 58n)) + text;
  }
  return payload[0] === 0 ? `1${text}` : text;
}

export const money: readonly EntitySource[] = [
  {
    entity: 'card',
    value: card,
    labels: ['credit card', 'card number', 'Visa', 'cc', 'card', 'Kreditkarte', 'carte bancaire', 'tarjeta', 'carta di credito', 'cartão'],
  },
  { entity: 'iban', value: iban, labels: ['IBAN', 'bank account', 'Konto', 'compte', 'cuenta', 'conto', 'account'] },
  {
    entity: 'crypto_address',
    value: (random) => (random.int(3) === 0 ? `0x${random.text(40, hex)}` : bitcoin(random)),
    labels: ['wallet', 'wallet address', 'ETH address', 'crypto address'],
    needsLabel: true,
  },
];
