import { complete, draw, group, type EntitySource } from '../entity-source.ts';
import type { Random } from '../random.ts';
import { upper } from '../random-text.ts';

const permute = (digit: number): number => Number('1576283094'.charAt(digit));

/** Verhoeff by the group's own definition: a rotation or a reflection of a pentagon, composed. */
function verhoeff(value: string): boolean {
  let [turn, isMirrored] = [0, false];
  for (const [place, character] of Array.from(value).toReversed().entries()) {
    let digit = Number(character);
    for (let time = 0; time < place % 8; time += 1) {
      digit = permute(digit);
    }
    const by = digit % 5;
    turn = (isMirrored ? turn - by + 5 : turn + by) % 5;
    isMirrored = isMirrored !== digit >= 5;
  }
  return turn === 0 && !isMirrored;
}

function aadhaar(random: Random): string {
  const number = draw(() => complete(random.text(1, '23456789') + random.digits(10), '0123456789', verhoeff));
  return random.pick([number, group(number, [4, 4, 4], ' '), group(number, [4, 4, 4], ' '), group(number, [4, 4, 4], '-')]);
}

const pan = (random: Random): string =>
  random.text(3, upper) + random.text(1, 'PPPPPCHFATBLJG') + random.text(1, upper) + random.digits(4) + random.text(1, upper);

const base36 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** The check character as the GST network describes it: quotient and remainder of each product, weights 1 and 2 in turn. */
function gstin(random: Random): string {
  const body = `${String(1 + random.int(37)).padStart(2, '0')}${pan(random)}${random.text(1, '123456789')}Z`;
  const total = Array.from(body)
    .map((character, place) => base36.indexOf(character) * ((place % 2) + 1))
    .reduce((sum, product) => sum + Math.trunc(product / 36) + (product % 36), 0);
  return body + base36.charAt((36 - (total % 36)) % 36);
}

export const india: readonly EntitySource[] = [
  { entity: 'aadhaar', value: aadhaar, labels: ['Aadhaar', 'Aadhaar number', 'aadhar no', 'UID', 'आधार', 'Aadhaar card'] },
  { entity: 'in_pan', value: pan, labels: ['PAN', 'PAN card', 'permanent account number', 'pan no', 'पैन'] },
  { entity: 'gstin', value: gstin, labels: ['GSTIN', 'GST number', 'GST', 'vendor gstin'] },
  {
    entity: 'in_voter_id',
    value: (random) => random.text(3, upper) + random.digits(7),
    labels: ['voter id', 'EPIC', 'voter card', 'EPIC number'],
    needsLabel: true,
  },
  {
    entity: 'in_passport',
    value: (random) =>
      `${random.text(1, 'ABCDEFGHJKLMNPRSTUVWY')}${random.text(1, '123456789')}${random.digits(5)}${random.text(1, '123456789')}`,
    labels: ['passport', 'passport number', 'Indian passport', 'पासपोर्ट'],
    needsLabel: true,
  },
];
