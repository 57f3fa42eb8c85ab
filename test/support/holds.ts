import { randomUUID } from 'node:crypto';
import type { HoldRequest } from '../../src/core/ledger/hold.ts';
import { countersOf } from '../../src/policy/limits/counters.ts';
import type { AppliedLimit } from '../../src/policy/limits/applicable.ts';
import type { HoldQuestion } from '../../src/pipeline/holds.ts';
import { NOTHING, type Account, type Amounts, type Counter, type Period } from '../../src/core/limit.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** One period without edges: for what is not about calendars. */
export const always: Period = { id: 'always', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

export const account: Account = { team: 'finance', client: 'ledger-app', key: 'AAAAAAAAAA', user: 'ann', model: 'gpt-4o' };

export const requests = (key: string, limit: number, windowMs = hourMs): Counter => ({ kind: 'requests', key, limit, windowMs });
export const tokens = (key: string, limit: number, windowMs = hourMs): Counter => ({ kind: 'tokens', key, limit, windowMs });
export const concurrent = (key: string, limit: number): Counter => ({ kind: 'concurrent', key, limit });
export const budget = (key: string, limit: number, periods: readonly Period[] = [always]): Counter => ({
  kind: 'budget',
  key,
  limit,
  periods,
});

export const amounts = (changes: Partial<Amounts>): Amounts => ({ ...NOTHING, ...changes });

/** A hold of one request and nothing else, unless told. */
export const holdOf = (counters: readonly Counter[], changes: Partial<HoldRequest> = {}): HoldRequest => ({
  id: randomUUID(),
  counters,
  amounts: amounts({ requests: 1 }),
  leaseMs: 30_000,
  account,
  days: [always],
  ...changes,
});

/** What a request under these limits asks to hold by. */
export function underLimits(applied: readonly AppliedLimit[], days: readonly Period[]): HoldQuestion['under'] {
  const limits = countersOf(applied, () => []);
  return { limits, counters: limits.map(({ counter }) => counter), account, days };
}
