import fc from 'fast-check';
import type { HoldRequest } from '../../src/core/ledger/hold.ts';
import type { HoldEnd, RestoredHold } from '../../src/core/ledger/restore.ts';
import type { Amounts, Counter, Period } from '../../src/core/limit.ts';
import { account, budget, concurrent, hourMs, requests, tokens } from '../support/holds.ts';

/** Always the same, so that a seed says everything; and far ahead, so that the server's own clock lets nothing expire while this one stands. */
export const startMsOfAll = Date.UTC(2100, 0, 1);

/** Sums of many are exact still: of others, even the reference says only about how large they are. */
export const giant = 2 ** 46;

const ids = Array.from({ length: 12 }, (_, number) => `hold${String(number)}`);

/** Places in `countersOf`. */
export const allPicks = [0, 1, 2, 3, 4, 5, 6, 7, 8];

/** Calendar of the tests: a period has three hours. */
export const periodMs = 3 * hourMs;
const periodOf = (number: number): Period => ({ id: String(number), fromMs: number * periodMs, toMs: (number + 1) * periodMs });

export interface Step {
  readonly what: 'reserve' | 'settle' | 'cancel' | 'extend' | 'reap' | 'restore' | 'wait';
  readonly id: string;
  readonly others: readonly string[];
  readonly amounts: Amounts;
  /** Which of the counters are named, and how tight they are. */
  readonly picks: readonly number[];
  readonly limit: number;
  readonly leaseMs: number;
  readonly passMs: number;
  /** Periods that the sidecar's clock is off by. */
  readonly skew: number;
}

export const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom(
    'reserve',
    'reserve',
    'reserve',
    'reserve',
    'settle',
    'settle',
    'cancel',
    'extend',
    'reap',
    'restore',
    'wait',
    'wait',
  ),
  id: fc.constantFrom(...ids),
  others: fc.subarray(ids),
  amounts: fc.record({
    requests: fc.constantFrom(0, 1, 1, 1, 2),
    tokens: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.constantFrom(0, giant)),
    nanoUsd: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.constantFrom(0, Number.MAX_SAFE_INTEGER)),
  }),
  picks: fc.subarray([...allPicks]),
  limit: fc.oneof(fc.integer({ min: 0, max: 120 }), fc.constant(Number.MAX_SAFE_INTEGER)),
  leaseMs: fc.constantFrom(1, 1_000, 30_000, hourMs, 5 * hourMs),
  passMs: fc.oneof(
    fc.integer({ min: 0, max: 3_000 }),
    fc.constantFrom(1, 999, 1_000, 59_999, 60_000, 61_000, hourMs, periodMs, 25 * hourMs),
  ),
  skew: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1, 5),
});

export function countersOf({ picks, limit, skew }: Step, nowMs: number): readonly Counter[] {
  const current = Math.floor(nowMs / periodMs) + skew;
  const periods = [periodOf(current - 1), periodOf(current), periodOf(current + 1)];
  const all = [
    requests('minute', limit, 60_000),
    tokens('minute tokens', limit, 60_000),
    requests('second', Math.min(limit, 3), 1_000),
    tokens('odd', limit, 7_777),
    tokens('hour', limit * 2 > Number.MAX_SAFE_INTEGER ? limit : limit * 2),
    concurrent('places', limit % 4),
    budget('money', limit, periods),
    budget('whole', limit, [{ id: 'all', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }]),
    tokens('quick', limit, 1_000),
  ];
  return picks.flatMap((pick) => all[pick] ?? []);
}

export function requestOf(one: Step, nowMs: number): HoldRequest {
  const current = Math.floor(nowMs / periodMs) + one.skew;
  return {
    id: one.id,
    counters: countersOf(one, nowMs),
    amounts: one.amounts,
    leaseMs: one.leaseMs,
    account: { ...account, model: one.leaseMs > 1_000 ? 'long' : 'short' },
    days: [periodOf(current), periodOf(current + 1)],
  };
}

const ends: readonly (HoldEnd | undefined)[] = [
  undefined,
  'cancel',
  { requests: 1, tokens: 9, nanoUsd: 9 },
  { requests: 0, tokens: 0, nanoUsd: 50 },
];

/** Holds of a journal, each admitted a while before the next; the last is of now. */
export function restoredBy(one: Step, nowMs: number): readonly RestoredHold[] {
  const asked = [...new Set([...one.others, one.id])];
  return asked.map((id, index) => {
    const atMs = nowMs - one.passMs * (asked.length - 1 - index);
    return { ...requestOf({ ...one, id }, atMs), atMs, end: ends[index % ends.length] };
  });
}
