import type { PatternDetector } from '../detect/detector.ts';
import { lengthsFrom } from '../detect/beginnings.ts';
import { passesMod97 } from './checksums.ts';
import { openDocument } from './open-ends.ts';
import { compactOf, isFree, valueStart } from './surroundings.ts';

/** Lengths by country: SWIFT's IBAN registry (ISO 13616), and the countries that use the form without being in it. */
const lengths = new Map(
  [
    '15 NO',
    '16 BE',
    '18 DK FI FK FO GL NL SD',
    '19 MK SI',
    '20 AT BA EE KZ LT LU MN XK',
    '21 CH HR LI LV',
    '22 BG BH CR DE GB GE IE ME RS VA',
    '23 AE GI IL IQ OM SO TL',
    '24 AD CZ ES MD PK RO SA SE SK TN VG',
    '25 AO CV GW LY MZ PT ST',
    '26 DZ IR IS TR',
    '27 BI BL CF CG CM DJ FR GA GF GP GQ GR IT KM MC MF MG MQ MR NC PF PM RE SM TD TF WF YT',
    '28 AL AZ BF BJ BY CI CY DO GT HN HU LB MA ML NE NI PL SN SV TG',
    '29 BR EG PS QA UA',
    '30 JO KW MU YE',
    '31 MT SC',
    '32 LC',
    '33 RU',
  ].flatMap((line) => {
    const [length, ...countries] = line.split(' ');
    return countries.map((country): [string, number] => [country, Number(length)]);
  }),
);

const isIban = (compact: string): boolean =>
  lengths.get(compact.slice(0, 2)) === compact.length && passesMod97(compact.slice(4) + compact.slice(0, 4));

function judge(text: string, start: number, end: number): boolean {
  return isFree(text, start, end) && isIban(compactOf(text, start, end));
}

const gap = String.raw`[ \u00a0-]`;
const shared = { kind: 'pattern', entity: 'iban', leftMax: 2, judge, open: openDocument } as const;

/** Bank accounts, written in one: ISO 13616, check digits by ISO/IEC 7064 MOD 97-10. */
export const iban: PatternDetector = {
  ...shared,
  lengthMax: 34,
  begins: [{ first: 'A-Za-z', lengths: lengthsFrom(15, 34) }],
  pattern: new RegExp(String.raw`${valueStart}[A-Za-z]{2}\d{2}[A-Za-z0-9]{11,30}(?![A-Za-z0-9])`, 'g'),
};

const groupsOf = (length: number): string => {
  const countries = [...lengths].filter(([, each]) => each === length).map(([country]) => country);
  const last = length % 4 === 0 ? '' : String.raw`${gap}[A-Za-z0-9]{${String(length % 4)}}`;
  return String.raw`(?:${countries.join('|')})\d{2}(?:${gap}[A-Za-z0-9]{4}){${String(Math.floor(length / 4) - 1)}}${last}`;
};

/** The printed form: groups of four, the last one shorter. What follows may look like one more group: the country says how many there are. */
export const ibanInGroups: PatternDetector = {
  ...shared,
  lengthMax: 42,
  begins: [{ first: 'A-Za-z', lengths: [4], next: [4] }],
  pattern: new RegExp(`${valueStart}(?:${[...new Set(lengths.values())].map(groupsOf).join('|')})(?![A-Za-z0-9])`, 'gi'),
};
