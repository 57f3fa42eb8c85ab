import metadata from 'libphonenumber-js/max/metadata';
import { must } from '../../core/assert.ts';

/**
 * Numbering plans out of libphonenumber's data, compiled where they are first asked for. Its own functions take 40 µs for each number and
 * country: a text full of digits would hold the sidecar for seconds.
 */
type Plan = (nationalDigits: string) => boolean;

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
const plans = new Map<string, Plan>();

/**
 * One for all countries of a calling code, which are up to 25, the national prefix aside that some write behind it: `+44 (0)20 …`.
 */
function planOf(code: string): Plan {
  const known = plans.get(code);
  if (known !== undefined) {
    return known;
  }
  const names = regionsByCode.get(code);
  must(names !== undefined, 'a plan is asked for of a calling code');
  const own = names.map(regionOf);
  const pattern = new RegExp(`^0?(?:${own.map((region) => region.pattern).join('|')})$`);
  // What has another length is told without asking the pattern, which costs most where nothing matches.
  const usual = new Set(own.flatMap(({ lengths }) => lengths));
  const plan = (digits: string): boolean =>
    (usual.has(digits.length) || (digits.startsWith('0') && usual.has(digits.length - 1))) && pattern.test(digits);
  plans.set(code, plan);
  return plan;
}

/** The digits that the longest calling code has. None is the beginning of another one (ITU-T E.164). */
const codeMax = 3;
/** By the first three digits of a number, how many of them are its calling code; 0 = none is. */
const codeLengths = new Uint8Array(10 ** codeMax);
for (const code of regionsByCode.keys()) {
  const step = 10 ** (codeMax - code.length);
  codeLengths.fill(code.length, Number(code) * step, (Number(code) + 1) * step);
}

/** True for a calling code and a number of its plan. Numbers of six digits and less are services. */
export function isInternational(digits: string): boolean {
  const length = codeLengths[Number(digits.slice(0, codeMax))] ?? 0;
  return length > 0 && digits.length > length + 6 && planOf(digits.slice(0, length))(digits.slice(length));
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
