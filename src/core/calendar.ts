import { never } from './assert.ts';
import type { BudgetPeriod, Period } from './limit.ts';

/** Year, month (1 to 12) and day of the month, of a tenant's calendar. */
interface LocalDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const dayMs = 86_400_000;
/** Time zones lie within 14 hours of UTC, and dates of the past within a day. */
const zoneSpreadMs = dayMs;

/** The period that a moment lies in, by the tenant's calendar. Its edges follow daylight saving time: a day may have 23 or 25 hours. */
export function periodAt(atMs: number, period: BudgetPeriod, timeZone: string): Period {
  const zone = zoneOf(timeZone);
  const first = firstOf(period, dateAt(zone, atMs));
  const after = nextFirst(period, first);
  return { id: idOf(period, first), fromMs: startOf(zone, first), toMs: startOf(zone, after) };
}

/** The period of now between its neighbours: the clock of a store may be a little off ours. */
export function openCalendar(): (period: BudgetPeriod, timeZone: string, nowMs: number) => readonly Period[] {
  const known = new Map<string, { readonly present: Period; readonly all: readonly Period[] }>();
  return (period, timeZone, nowMs) => {
    const name = `${period} ${timeZone}`;
    const found = known.get(name);
    if (found !== undefined && found.present.fromMs <= nowMs && nowMs < found.present.toMs) {
      return found.all;
    }
    const present = periodAt(nowMs, period, timeZone);
    const all = [periodAt(present.fromMs - 1, period, timeZone), present, periodAt(present.toMs, period, timeZone)];
    known.set(name, { present, all });
    return all;
  };
}

const zones = new Map<string, Intl.DateTimeFormat>();

/** Making a formatter costs more than a hundred uses of it. Names come from the settings, so there are few. */
function zoneOf(timeZone: string): Intl.DateTimeFormat {
  const known = zones.get(timeZone);
  if (known !== undefined) {
    return known;
  }
  const made = new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'gregory', year: 'numeric', month: 'numeric', day: 'numeric' });
  zones.set(timeZone, made);
  return made;
}

function dateAt(zone: Intl.DateTimeFormat, atMs: number): LocalDate {
  const parts = new Map(zone.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const partOf = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return { year: partOf('year'), month: partOf('month'), day: partOf('day') };
}

/** The first moment of a local day: not always midnight, which some zones skip when summer begins. */
function startOf(zone: Intl.DateTimeFormat, date: LocalDate): number {
  const target = numberOf(date);
  const utc = Date.UTC(date.year, date.month - 1, date.day);
  let [before, reached] = [utc - zoneSpreadMs, utc + zoneSpreadMs];
  while (reached - before > 1) {
    const middle = Math.floor((before + reached) / 2);
    if (numberOf(dateAt(zone, middle)) >= target) {
      reached = middle;
    } else {
      before = middle;
    }
  }
  return reached;
}

const numberOf = ({ year, month, day }: LocalDate): number => (year * 100 + month) * 100 + day;

function firstOf(period: BudgetPeriod, date: LocalDate): LocalDate {
  switch (period) {
    case 'day':
      return date;
    case 'week':
      return plusDays(date, -weekday(date));
    case 'month':
      return { ...date, day: 1 };
    case 'year':
      return { year: date.year, month: 1, day: 1 };
    default:
      return never(period);
  }
}

function nextFirst(period: BudgetPeriod, first: LocalDate): LocalDate {
  switch (period) {
    case 'day':
      return plusDays(first, 1);
    case 'week':
      return plusDays(first, 7);
    case 'month':
      return first.month === 12 ? { year: first.year + 1, month: 1, day: 1 } : { ...first, month: first.month + 1 };
    case 'year':
      return { ...first, year: first.year + 1 };
    default:
      return never(period);
  }
}

const padded = (number: number): string => String(number).padStart(2, '0');

function idOf(period: BudgetPeriod, { year, month, day }: LocalDate): string {
  switch (period) {
    case 'day':
    case 'week':
      return `${String(year)}-${padded(month)}-${padded(day)}`;
    case 'month':
      return `${String(year)}-${padded(month)}`;
    case 'year':
      return String(year);
    default:
      return never(period);
  }
}

function plusDays({ year, month, day }: LocalDate, days: number): LocalDate {
  const moved = new Date(Date.UTC(year, month - 1, day + days));
  return { year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1, day: moved.getUTCDate() };
}

/** 0 = Monday. */
const weekday = ({ year, month, day }: LocalDate): number => (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
