import { beforeEach, describe, expect, it } from 'vitest';
import { InvariantError } from '../../../../src/core/assert.ts';
import { cancel, extend, reap, REAPED_MAX, reserve, settle, usage } from '../../../../src/core/ledger/ledger.ts';
import { openMemoryState, type MemoryState } from '../../../../src/core/ledger/memory-state.ts';
import { NOTHING } from '../../../../src/core/limit.ts';
import { amounts, budget, concurrent, dayMs, holdOf, hourMs, requests, tokens } from '../../../support/holds.ts';

const startMs = 20_000 * dayMs;
const day = (number: number): { id: string; fromMs: number; toMs: number } => ({
  id: `day ${String(number)}`,
  fromMs: startMs + number * dayMs,
  toMs: startMs + (number + 1) * dayMs,
});

let state: MemoryState;

beforeEach(() => {
  state = openMemoryState();
});

describe('the ledger', () => {
  it('checks every figure before it changes anything, also for stores that did not', () => {
    expect(() => reserve(state, holdOf([requests('r', 1)], { amounts: amounts({ tokens: Number.NaN }) }), startMs)).toThrow(InvariantError);
    expect(() => settle(state, 'x', amounts({ tokens: -1 }), startMs)).toThrow(InvariantError);
    expect(() => extend(state, ['x'], 0.5, startMs)).toThrow(InvariantError);
    const many = Array.from({ length: 101 }, (_, number) => requests(`r${String(number)}`, 1));
    expect(() => reserve(state, holdOf(many), startMs)).toThrow(InvariantError);
    expect(state.size()).toBe(0);
  });

  it('Q2: ends at most 1,000 holds a call, the longest overdue first', () => {
    for (let number = 0; number < REAPED_MAX + 200; number += 1) {
      // Made in the reverse order of their leases.
      const hold = holdOf([concurrent('c', 5_000)], { id: `h${String(number)}`, leaseMs: 100_000 - number });
      expect(reserve(state, hold, startMs)).toMatchObject({ kind: 'granted' });
    }
    expect(reap(state, startMs + 100_000)).toBe(REAPED_MAX);
    expect(state.openHolds()).toBe(200);
    expect(state.hold('h0')?.status).toBe('open');
    expect(state.hold(`h${String(REAPED_MAX + 199)}`)?.status).toBe('expired');
    expect(usage(state, [concurrent('c', 1)], startMs)).toEqual([{ used: 200, pending: 0 }]);
    expect(reap(state, startMs + 100_000)).toBe(200);
    expect(reap(state, startMs + 100_000)).toBe(0);
  });

  it('ends holds of the same moment by their ids, so that all stores do the same', () => {
    for (const id of ['b', 'c', 'a']) {
      reserve(state, holdOf([], { id, leaseMs: 1_000 }), startMs);
    }
    expect(state.expired(startMs + 1_000, 2).map((hold) => hold.id)).toEqual(['a', 'b']);
    expect(state.expired(startMs + 999, 2)).toEqual([]);
  });

  it('does not look for expired holds where no place is asked for', () => {
    reserve(state, holdOf([tokens('t', 1)], { id: 'first', amounts: amounts({ tokens: 1 }), leaseMs: 1_000 }), startMs);
    reserve(state, holdOf([tokens('t', 1)], { amounts: amounts({ tokens: 1 }) }), startMs + 2_000);
    expect(state.hold('first')?.status).toBe('open');
  });

  it('refuses for want of a place what still lacks one after the expired have gone', () => {
    reserve(state, holdOf([concurrent('a', 1)], { id: 'open', leaseMs: hourMs }), startMs);
    reserve(state, holdOf([concurrent('b', 1)], { id: 'over', leaseMs: 1_000 }), startMs);
    const answer = reserve(state, holdOf([concurrent('a', 1), concurrent('b', 1)]), startMs + 2_000);
    expect(answer).toEqual({ kind: 'refused', shortage: { index: 0, retryAfterMs: 1_000 }, atMs: startMs + 2_000 });
    expect(state.hold('over')?.status).toBe('expired');
  });

  describe('forgets', () => {
    it('Q16: what was settled or cancelled after ten minutes, which is when its id may be used again', () => {
      const hold = holdOf([budget('b', 10, [day(0)])], { amounts: amounts({ nanoUsd: 10 }) });
      reserve(state, hold, startMs);
      settle(state, hold.id, amounts({ nanoUsd: 4 }), startMs + 1_000);
      cancel(state, 'never came', startMs + 1_000);
      expect(state.forget(startMs + 600_999)).toBe(0);
      expect(settle(state, hold.id, NOTHING, startMs + 600_999)).toBe('ended');
      expect(state.forget(startMs + 601_000)).toBe(2);
      expect(settle(state, hold.id, NOTHING, startMs + 601_000)).toBe('unknown');
      expect(usage(state, [budget('b', 10, [day(0)])], startMs)).toEqual([{ used: 4, pending: 0 }]);
    });

    it('what may be forgotten, whether or not the store has dropped it', () => {
      const hold = holdOf([requests('r', 9)]);
      reserve(state, hold, startMs);
      settle(state, hold.id, NOTHING, startMs);
      expect(extend(state, [hold.id], 1_000, startMs + 600_000)).toEqual([hold.id]);
      expect(settle(state, hold.id, NOTHING, startMs + 600_000)).toBe('unknown');
      expect(reserve(state, hold, startMs + 600_000)).toEqual({ kind: 'granted', atMs: startMs + 600_000 });
      expect(cancel(state, hold.id, startMs + 600_000)).toBe('settled');
    });

    it('an expired hold a day after it was ended, so that a late settlement still finds it', () => {
      const hold = holdOf([budget('b', 10, [day(0)])], { amounts: amounts({ nanoUsd: 10 }), leaseMs: 1_000 });
      reserve(state, hold, startMs);
      reap(state, startMs + hourMs);
      expect(state.forget(startMs + hourMs + dayMs - 1)).toBe(0);
      expect(settle(state, hold.id, amounts({ nanoUsd: 3 }), startMs + hourMs + dayMs - 1)).toBe('settled');
    });

    it('nothing that it charges: the cancel of a hold that is known no more lowers nothing, and is itself known', () => {
      const hold = holdOf([budget('b', 10, [day(0)])], { amounts: amounts({ nanoUsd: 10 }), leaseMs: 1_000 });
      reserve(state, hold, startMs);
      reap(state, startMs + hourMs);
      expect(cancel(state, hold.id, startMs + hourMs + dayMs)).toBe('unknown');
      expect(cancel(state, hold.id, startMs + hourMs + dayMs)).toBe('ended');
      expect(reserve(state, hold, startMs + hourMs + dayMs)).toEqual({ kind: 'ended' });
      expect(usage(state, [budget('b', 10, [day(0)])], startMs)).toEqual([{ used: 10, pending: 0 }]);
      expect(state.spending('', '~')).toMatchObject([{ nanoUsd: 10 }]);
    });

    it('Q2: no open hold, however long nobody was there to end it', () => {
      const hold = holdOf([concurrent('c', 1), budget('b', 10, [day(0)])], { amounts: amounts({ nanoUsd: 10 }), leaseMs: 1_000 });
      reserve(state, hold, startMs);
      expect(state.forget(startMs + 30 * dayMs)).toBe(0);
      expect(reap(state, startMs + 30 * dayMs)).toBe(1);
      expect(usage(state, [concurrent('c', 1), budget('b', 10, [{ ...day(0), toMs: Infinity }])], startMs + 30 * dayMs)).toEqual([
        { used: 0, pending: 0 },
        { used: 10, pending: 0 },
      ]);
    });

    it('Q2: nothing of a hold that is ended after even its budget was forgotten', () => {
      const hold = holdOf([budget('b', 10, [day(0)])], { amounts: amounts({ nanoUsd: 10 }), leaseMs: 1_000 });
      reserve(state, hold, startMs);
      expect(state.forget(startMs + 41 * dayMs)).toBe(1);
      reap(state, startMs + 41 * dayMs);
      expect(state.counter('b|day 0')).toEqual({ kind: 'budget', used: 10, pending: 0 });
      expect(state.spending('', '~')).toMatchObject([{ nanoUsd: 10 }]);
    });

    it('Q10: windows and free places once they hold nothing, and budgets 40 days after their period', () => {
      const counters = [requests('r', 9), tokens('t', 9, dayMs), concurrent('c', 9), budget('b', 9, [day(0)])];
      const hold = holdOf(counters, { amounts: { requests: 1, tokens: 1, nanoUsd: 1 } });
      reserve(state, hold, startMs);
      settle(state, hold.id, hold.amounts, startMs);
      const left: number[] = [];
      for (const afterMs of [0, hourMs + 60_000 - 1, hourMs + 60_000, dayMs, dayMs + dayMs / 60, 41 * dayMs - 1, 41 * dayMs]) {
        state.forget(startMs + afterMs);
        left.push(state.size());
      }
      expect(left).toEqual([4, 3, 2, 2, 1, 1, 0]);
      expect(state.spending('', '~')).toHaveLength(1);
    });
  });

  describe('the statement', () => {
    it('has a line once something was spent, and none for what was taken back', () => {
      const hold = holdOf([], { amounts: amounts({ nanoUsd: 10 }), leaseMs: 1_000 });
      reserve(state, hold, startMs);
      expect(state.spending('', '~')).toEqual([]);
      reap(state, startMs + 1_000);
      expect(state.spending('', '~')).toMatchObject([{ requests: 0, tokens: 0, nanoUsd: 10 }]);
      cancel(state, hold.id, startMs + 2_000);
      expect(state.spending('', '~')).toEqual([]);
    });

    it('is in the order of days', () => {
      for (const number of [2, 0, 1, 0]) {
        const hold = holdOf([], {
          days: [0, 1, 2].map(day),
          account: { team: String(Math.random()), client: '', key: '', user: '', model: '' },
        });
        const atMs = startMs + number * dayMs;
        reserve(state, hold, atMs);
        settle(state, hold.id, amounts({ nanoUsd: 1 }), atMs);
      }
      expect(state.spending('', '~').map((line) => line.day)).toEqual(['day 0', 'day 0', 'day 1', 'day 2']);
    });
  });
});
