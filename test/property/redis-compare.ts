import { expect } from 'vitest';
import type { RedisLedger } from '../../src/adapters/redis/ledger.ts';
import { never } from '../../src/core/assert.ts';
import { cancel, extend, reap, reserve, settle, usage } from '../../src/core/ledger/ledger.ts';
import { restore, type RestoredHold } from '../../src/core/ledger/restore.ts';
import type { MemoryState } from '../../src/core/ledger/memory-state.ts';
import type { Spending } from '../../src/ports/ledger.ts';
import { dayMs } from '../support/holds.ts';
import { allPicks, countersOf, requestOf, restoredBy, type Step } from './redis-steps.ts';
import { holdsNothing, openReference, type Subject } from './redis-subject.ts';

const sorted = (lines: readonly Spending[]): readonly string[] =>
  lines
    .map(({ day, team, client, key, user, model, requests: count, tokens: used, nanoUsd }) =>
      JSON.stringify([day, team, client, key, user, model, count, used, nanoUsd]),
    )
    .toSorted();

interface Pair {
  readonly actual: Promise<unknown>;
  readonly expected: unknown;
}

/** The same on both. */
function perform(ledger: RedisLedger, state: MemoryState, one: Step, nowMs: number): Pair {
  switch (one.what) {
    case 'reserve': {
      const request = requestOf(one, nowMs);
      return { actual: ledger.reserve(request), expected: reserve(state, request, nowMs) };
    }
    case 'settle':
      return { actual: ledger.settle(one.id, one.amounts), expected: settle(state, one.id, one.amounts, nowMs) };
    case 'cancel':
      return { actual: ledger.cancel(one.id), expected: cancel(state, one.id, nowMs) };
    case 'extend':
      return { actual: ledger.extend(one.others, one.leaseMs), expected: extend(state, one.others, one.leaseMs, nowMs) };
    case 'reap':
      return { actual: ledger.reap(), expected: reap(state, nowMs) };
    case 'restore': {
      const holds = restoredBy(one, nowMs);
      for (const hold of holds) {
        restore(state, hold, 0, nowMs);
      }
      return { actual: restoreEach(ledger, holds), expected: undefined };
    }
    case 'wait':
      return { actual: Promise.resolve(), expected: undefined };
    default:
      return never(one.what);
  }
}

/** One after the other, as the reference does: what one gives back may make room for the next where sums are as large as they may be. */
async function restoreEach(ledger: RedisLedger, holds: readonly RestoredHold[]): Promise<void> {
  for (const hold of holds) {
    await ledger.restore([hold], 0, ledger.known());
  }
}

/** What is told again is told by one at a time. */
const isAlone = ({ what }: Step): boolean => what === 'wait' || what === 'restore';

/** Settlements and cancellations are questions of one script. */
const scriptOf = ({ what }: Step): string => (what === 'cancel' ? 'settle' : what);

/** Neighbours that the adapter sends in one script where they are asked for at once. */
function grouped(steps: readonly Step[], isTogether: boolean): readonly (readonly Step[])[] {
  const groups: Step[][] = [];
  for (const one of steps) {
    const group = groups.at(-1);
    if (isTogether && !isAlone(one) && group?.every((other) => scriptOf(other) === scriptOf(one) && other.id !== one.id) === true) {
      group.push(one);
    } else {
      groups.push([one]);
    }
  }
  return groups;
}

export interface Program {
  readonly steps: readonly Step[];
  readonly isTogether: boolean;
  readonly startMs: number;
}

/** After each step everything that can be seen has to be the same on both; and no key dies before its counter may be forgotten. */
export async function compare(open: (nowMs: () => number) => Promise<Subject>, { steps, isTogether, startMs }: Program): Promise<void> {
  const { state, forgetMs } = openReference();
  let nowMs = startMs;
  const { ledger, expiriesMs } = await open(() => nowMs);
  try {
    for (const group of grouped(steps, isTogether)) {
      const pairs = group.map((one) => perform(ledger, state, one, nowMs));
      expect(await Promise.all(pairs.map(({ actual }) => actual))).toEqual(pairs.map(({ expected }) => expected));
      const [one] = group;
      if (one !== undefined) {
        nowMs += one.what === 'wait' ? one.passMs : 0;
        const counters = countersOf({ ...one, picks: allPicks, skew: 0 }, nowMs);
        expect(await ledger.usage(counters)).toEqual(usage(state, counters, nowMs));
        expect(await ledger.openHolds()).toBe(state.openHolds());
      }
    }
    expect(sorted(await ledger.spending('', '~'))).toEqual(sorted(state.spending('', '~')));
    const counting = [...forgetMs].filter(([key]) => !holdsNothing(state.counter(key)));
    const expiries = await expiriesMs(counting.map(([key]) => key));
    // A place in use is renewed while anybody looks.
    const early = counting.filter(([, untilMs], index) => (expiries[index] ?? 0) <= Math.min(untilMs, nowMs + 365 * dayMs));
    expect(early).toEqual([]);
  } finally {
    await ledger.close();
  }
}
