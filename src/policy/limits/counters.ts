import { never } from '../../core/assert.ts';
import type { BudgetPeriod, Counter, LimitRule, Period } from '../../core/limit.ts';
import type { AppliedLimit } from './applicable.ts';

/** The periods around now of a calendar. */
export type Periods = (period: BudgetPeriod, timeZone: string) => readonly Period[];

/** A limit and the counter that it is kept in. */
export interface CountedLimit {
  readonly limit: AppliedLimit;
  readonly counter: Counter;
}

/**
 * One counter for each limit. Two limits of the same thing over the same time (a policy's and that of every team, say) are one counter: the
 * tighter one decides, and nothing is counted twice. While the store is away it lets requests through only where both do.
 */
export function countersOf(limits: readonly AppliedLimit[], periods: Periods): readonly CountedLimit[] {
  const byKey = new Map<string, CountedLimit>();
  for (const limit of limits) {
    const counted = { limit, counter: counterOf(limit, periods) };
    const known = byKey.get(counted.counter.key);
    byKey.set(counted.counter.key, known === undefined ? counted : joined(known, counted));
  }
  return [...byKey.values()];
}

function joined(known: CountedLimit, other: CountedLimit): CountedLimit {
  const tighter = other.counter.limit < known.counter.limit ? other : known;
  const { limit, counter } = tighter;
  const mustBeCounted = [known, other].some((each) => each.limit.rule.storeAway === 'deny');
  return mustBeCounted ? { limit: { ...limit, rule: { ...limit.rule, storeAway: 'deny' } }, counter } : tighter;
}

function counterOf({ rule, level, subject, timeZone }: AppliedLimit, periods: Periods): Counter {
  // The subject comes last: it may hold any character, the others cannot hold "|".
  const key = [rule.kind, spanOf(rule), level, rule.model ?? '', subject].join('|');
  switch (rule.kind) {
    case 'requests':
    case 'tokens':
      return { kind: rule.kind, key, limit: rule.limit, windowMs: rule.windowMs };
    case 'concurrent':
      return { kind: rule.kind, key, limit: rule.limit };
    case 'budget':
      return { kind: rule.kind, key, limit: rule.limit, periods: periods(rule.period, timeZone) };
    default:
      return never(rule);
  }
}

function spanOf(rule: LimitRule): string {
  switch (rule.kind) {
    case 'requests':
    case 'tokens':
      return String(rule.windowMs);
    case 'concurrent':
      return '';
    case 'budget':
      return rule.period;
    default:
      return never(rule);
  }
}
