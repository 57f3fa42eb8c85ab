import type { BudgetPeriod } from '../core/limit.ts';
import { didYouMean } from './suggest.ts';

/** What a limit's text says, or what is wrong with it in words for the operator. */
export type Read<Found> = { readonly kind: 'read'; readonly found: Found } | { readonly kind: 'problem'; readonly problem: string };

const read = <Found>(found: Found): Read<Found> => ({ kind: 'read', found });
const problem = (text: string): Read<never> => ({ kind: 'problem', problem: text });

const COUNT_UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['k', 1_000],
  ['M', 1_000_000],
  ['G', 1_000_000_000],
]);
const WINDOW_UNITS_MS: ReadonlyMap<string, number> = new Map([
  ['s', 1_000],
  ['min', 60_000],
  ['h', 3_600_000],
  ['day', 86_400_000],
]);
/** A counter's sub-buckets are kept one by one, and each is looked at for as long as the window lasts. */
const windowMsMax = 31 * 86_400_000;
/** Counters stay exact: doubles hold integers up to 2^53. */
const countMax = 1_000_000_000_000;

export const rateHelp = 'use COUNT/WINDOW such as 60/min, 100k/h, 2M/day or 10/5s';

/** `60/min`, `100k/h`, `2M/day`, `10/5s`: so many within any stretch of time of that length. */
export function readRate(text: string): Read<{ readonly limit: number; readonly windowMs: number }> {
  const [, digits, scale = '', length = '', unit] = /^(\d{1,12})([A-Za-z]?)\/(\d{0,4})([A-Za-z]+)$/.exec(text.replaceAll(' ', '')) ?? [];
  if (digits === undefined || unit === undefined) {
    return problem(rateHelp);
  }
  const factor = COUNT_UNITS.get(scale);
  if (factor === undefined) {
    return problem(`unknown multiplier "${scale}" (k, M or G); ${rateHelp}`);
  }
  const unitMs = WINDOW_UNITS_MS.get(unit);
  if (unitMs === undefined) {
    return problem(`unknown window "${unit}"${nearUnit(unit)}; known: ${[...WINDOW_UNITS_MS.keys()].join(', ')}; ${rateHelp}`);
  }
  return judgeRate(Number(digits) * factor, (length === '' ? 1 : Number(length)) * unitMs);
}

/** `minute` and `hour` are no slips of the finger. */
function nearUnit(unit: string): string {
  const units = [...WINDOW_UNITS_MS.keys()];
  const begun = units.find((each) => unit.toLowerCase().startsWith(each));
  return begun === undefined ? didYouMean(unit, units) : ` (did you mean "${begun}"?)`;
}

function judgeRate(limit: number, windowMs: number): Read<{ readonly limit: number; readonly windowMs: number }> {
  if (limit < 1 || limit > countMax) {
    return problem(`the count must be from 1 to ${String(countMax)}; to allow none, take the model or operation out of the policy`);
  }
  if (windowMs < 1 || windowMs > windowMsMax) {
    return problem('the window must be from 1s to 31day; for calendar months use a budget');
  }
  return read({ limit, windowMs });
}

const PERIODS: readonly BudgetPeriod[] = ['day', 'week', 'month', 'year'];
const nanoDigits = 9;
/** 9.0 million dollars in nano-dollars is about what a double holds exactly. */
const usdMax = 9_000_000;

export const budgetHelp = 'use AMOUNT USD/PERIOD such as 500 USD/month or 0.50 USD/day';

/** `500 USD/month`: so much within a calendar period of the tenant. In nano-USD, exactly. */
export function readBudget(text: string): Read<{ readonly limit: number; readonly period: BudgetPeriod }> {
  const [, whole, fraction = '', currency, name] = /^(\d{1,7})(?:\.(\d{1,9}))?\s*([A-Za-z]+)\/([A-Za-z]+)$/.exec(text.trim()) ?? [];
  if (whole === undefined || currency === undefined || name === undefined) {
    return problem(budgetHelp);
  }
  if (currency !== 'USD') {
    return problem(`unknown currency "${currency}": prices are in USD; ${budgetHelp}`);
  }
  const period = PERIODS.find((each) => each === name);
  if (period === undefined) {
    return problem(`unknown period "${name}"${didYouMean(name, PERIODS)}; known: ${PERIODS.join(', ')}; ${budgetHelp}`);
  }
  const limit = Number(whole) * 10 ** nanoDigits + Number(fraction.padEnd(nanoDigits, '0'));
  if (limit < 1 || Number(whole) >= usdMax) {
    return problem(`the amount must be above 0 and below ${String(usdMax)} USD`);
  }
  return read({ limit, period });
}
