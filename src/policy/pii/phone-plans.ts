import metadata from 'libphonenumber-js/max/metadata';
import { must } from '../../core/assert.ts';
import { countDigits, digitsOf } from './surroundings.ts';

// Numbering plans out of libphonenumber's data, compiled where they are first asked for. Its own functions take 40 µs for each number and
// country: a text full of digits would hold the sidecar for seconds.

/** By place, as the library's own reader knows it: calling code, prefix of calls abroad, pattern of national numbers, their lengths, … */
const placeOfPattern = 2;
const placeOfLengths = 3;
const countries: ReadonlyMap<string, readonly unknown[]> = new Map(Object.entries(metadata.countries));

interface Region {
  readonly pattern: string;
  /** How many digits a national number has. */
  readonly lengths: readonly number[];
}

const isNumber = (value: unknown): value is number => typeof value === 'number';

function regionOf(name: string): Region {
  const facts = countries.get(name);
  const pattern = facts?.[placeOfPattern];
  const lengths = facts?.[placeOfLengths];
  must(
    typeof pattern === 'string' && Array.isArray(lengths) && lengths.every(isNumber),
    `libphonenumber's data tells the numbers of ${name}`,
  );
  return { pattern: `(?:${pattern})`, lengths };
}

const regionsByCode: ReadonlyMap<string, readonly string[]> = new Map(Object.entries(metadata.country_calling_codes));

/** The digits that the longest calling code has. None is the beginning of another one (ITU-T E.164). */
const codeMax = 3;
/** By the first three digits of a number, how many of them are its calling code; 0 = none is. */
const codeLengths = new Uint8Array(10 ** codeMax);
/** By the same, how many digits numbers have, their calling code included: one bit for each count. */
const countBits = new Uint32Array(10 ** codeMax);
/** No number has more digits than there are bits. */
const countMax = 31;
/** The shortest national number, digits: shorter ones are services. */
const nationalMin = 7;

for (const [code, names] of regionsByCode) {
  const step = 10 ** (codeMax - code.length);
  const [from, to] = [Number(code) * step, (Number(code) + 1) * step];
  const counts = names.flatMap((name) => regionOf(name).lengths).map((count) => code.length + count);
  codeLengths.fill(code.length, from, to);
  countBits.fill(
    counts.reduce((bits, count) => bits | (1 << count), 0),
    from,
    to,
  );
}

const plans = new Map<string, RegExp>();

/** One for all countries of a calling code, which are up to 25, the national prefix aside that some write behind it: `+44 (0)20 …`. */
function planOf(code: string): RegExp {
  const known = plans.get(code);
  if (known !== undefined) {
    return known;
  }
  const names = regionsByCode.get(code);
  must(names !== undefined, 'a plan is asked for of a calling code');
  const plan = new RegExp(`^0?(?:${names.map((name) => regionOf(name).pattern).join('|')})$`);
  plans.set(code, plan);
  return plan;
}

/**
 * True for a calling code and a number of its plan behind the first `skipped` digits of a value, whatever stands between them. Most that is none
 * is told by its first digits and their count: the pattern costs most where nothing matches.
 */
export function isInternational(value: string, skipped: number): boolean {
  const lead = leadOf(value, skipped);
  const codeLength = codeLengths[lead] ?? 0;
  const count = countDigits(value, 0, value.length) - skipped;
  const isUsual = hasCount(lead, count);
  if (codeLength === 0 || count < codeLength + nationalMin || !(isUsual || hasCount(lead, count - 1))) {
    return false;
  }
  const digits = digitsOf(value, 0, value.length).slice(skipped);
  const national = digits.slice(codeLength);
  return (isUsual || national.startsWith('0')) && planOf(digits.slice(0, codeLength)).test(national);
}

const hasCount = (lead: number, count: number): boolean => count <= countMax && ((countBits[lead] ?? 0) & (1 << count)) !== 0;

const zero = 0x30;

/** The three digits behind the first `skipped` ones, as a number. */
function leadOf(value: string, skipped: number): number {
  let lead = 0;
  let count = 0;
  for (let at = 0; at < value.length && count < skipped + codeMax; at += 1) {
    const digit = value.charCodeAt(at) - zero;
    if (digit >= 0 && digit <= 9) {
      lead = count < skipped ? 0 : lead * 10 + digit;
      count += 1;
    }
  }
  return lead;
}

/** Countries whose numbers are known without their calling code, with the prefix of national calls. */
const homes = [
  ['US', '1'],
  ['GB', '0'],
  ['IN', '0'],
  ['DE', '0'],
  ['FR', '0'],
  ['ES', ''],
  ['IT', ''],
  ['AU', '0'],
  ['SG', ''],
  ['BR', '0'],
] as const;

const mustBePrefixed: ReadonlySet<string> = new Set(['DE', 'FR']);

/** With its prefix, or (but for those that need it) without one. Eight digits at least. */
function homeForms([region, prefix]: (typeof homes)[number]): readonly string[] {
  const national = String.raw`(?=\d{8})${regionOf(region).pattern}`;
  return [prefix + national, ...(prefix === '' || mustBePrefixed.has(region) ? [] : [`(?!${prefix})${national}`])];
}

/** One for all: ten in turn would cost ten times as much for each number that is none. */
const nationalPattern = new RegExp(`^(?:${homes.flatMap(homeForms).join('|')})$`);

/** True for a number of one of the plans that are known without a calling code; Canada's is that of the United States. */
export const isNational = (digits: string): boolean => nationalPattern.test(digits);
