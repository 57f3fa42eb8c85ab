import { USAGE_DIMENSIONS, type UsageDimension } from './report.ts';

/** What a report is about: days of the tenants' calendars, both included. */
export interface UsageQuery {
  readonly fromDay: string;
  readonly toDay: string;
  readonly by: readonly UsageDimension[];
}

/** The parameters as text; undefined where one was not given. */
export interface UsageWords {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly by: string | undefined;
}

export type ReadUsageQuery =
  | { readonly kind: 'query'; readonly query: UsageQuery }
  | { readonly kind: 'problem'; readonly name: 'from' | 'to' | 'by'; readonly problem: string };

const dayMs = 86_400_000;
/** Days are those of each tenant's calendar, and the first zone to begin one is 14 hours ahead of UTC. */
const zoneAheadMs = 14 * 3_600_000;
const daysMax = 400;

/** From the first of this month (UTC) to the latest day that has begun anywhere, by team and model, unless told otherwise. */
export function readUsageQuery(words: UsageWords, nowMs: number): ReadUsageQuery {
  const latest = dayOf(nowMs + zoneAheadMs);
  const fromDay = words.from ?? `${dayOf(nowMs).slice(0, 8)}01`;
  const toDay = words.to ?? (fromDay > latest ? fromDay : latest);
  const [fromMs, toMs] = [dayMsOf(fromDay), dayMsOf(toDay)];
  if (fromMs === undefined || toMs === undefined) {
    return problem(fromMs === undefined ? 'from' : 'to', 'use a day such as 2026-11-21');
  }
  if (toMs < fromMs || toMs - fromMs >= daysMax * dayMs) {
    return problem('to', `${fromDay} to ${toDay} is ${toMs < fromMs ? 'backwards' : `over ${String(daysMax)} days: ask in parts`}`);
  }
  const by = readDimensions(words.by ?? 'team,model');
  return by === undefined
    ? problem('by', `name one or more of ${USAGE_DIMENSIONS.join(', ')}, each once, separated by commas`)
    : { kind: 'query', query: { fromDay, toDay, by } };
}

const problem = (name: 'from' | 'to' | 'by', text: string): ReadUsageQuery => ({ kind: 'problem', name, problem: text });

const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

/** Undefined for days that no month has: `Date.parse` takes 31 February for 3 March. */
function dayMsOf(day: string): number | undefined {
  const atMs = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(atMs) || dayOf(atMs) !== day ? undefined : atMs;
}

function readDimensions(text: string): readonly UsageDimension[] | undefined {
  const named = text.split(',').map((each) => USAGE_DIMENSIONS.find((dimension) => dimension === each.trim()));
  const known = named.filter((each) => each !== undefined);
  return known.length === named.length && new Set(known).size === known.length ? known : undefined;
}
