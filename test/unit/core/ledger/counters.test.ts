import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../../../src/core/assert.ts';
import { changed, placeOf, retryAfterMs, usedOf } from '../../../../src/core/ledger/counters.ts';
import type { CounterState, Place } from '../../../../src/core/ledger/hold.ts';
import { budget, concurrent, dayMs, hourMs, requests, tokens } from '../../../support/holds.ts';

const nowMs = 1_000 * dayMs;
const november = { id: '2026-11', fromMs: nowMs - dayMs, toMs: nowMs + dayMs };
const december = { id: '2026-12', fromMs: nowMs + dayMs, toMs: nowMs + 32 * dayMs };

const place = (counter: Parameters<typeof placeOf>[0], atMs = nowMs): Place => {
  const found = placeOf(counter, atMs);
  if (found === undefined) {
    throw new Error('no place');
  }
  return found;
};
const window: CounterState = { kind: 'window', buckets: [[24_000 * 60, 5]] };
const slots: CounterState = { kind: 'slots', inUse: 1 };
const money: CounterState = { kind: 'budget', used: 5, pending: 2 };

describe('the place of a charge', () => {
  it.each([
    ['its first millisecond', november.fromMs, 'k|2026-11'],
    ['its last', november.toMs - 1, 'k|2026-11'],
    ['the first of the next', december.fromMs, 'k|2026-12'],
    ['before all', november.fromMs - 1, undefined],
    ['after all', december.toMs, undefined],
  ])('in a budget is the period of now: %s', (_name, atMs, key) => {
    expect(placeOf(budget('k', 1, [november, december]), atMs)?.key).toBe(key);
  });
});

describe('a counter', () => {
  it('of the past of a window is left alone, and so is one that does not change', () => {
    const old = place(tokens('k', 1), nowMs - 61 * 60_000);
    expect(changed(old, undefined, { amount: 5, pending: 0 }, nowMs)).toBeUndefined();
    expect(changed(place(requests('k', 1)), window, { amount: 0, pending: -1 }, nowMs)).toBeUndefined();
    expect(changed(place(concurrent('k', 1)), slots, { amount: 0, pending: 0 }, nowMs)).toBeUndefined();
    expect(changed(place(budget('k', 1, [november])), money, { amount: 0, pending: 0 }, nowMs)).toBeUndefined();
  });

  it('Q10: of a window is known until its last charge has left, not a whole window from now', () => {
    const bucket = 24_000 * 60;
    expect(changed(place(tokens('k', 1)), undefined, { amount: 5, pending: 5 }, nowMs)).toEqual({
      state: { kind: 'window', buckets: [[bucket, 5]] },
      forgetMs: nowMs + hourMs + 60_000,
    });
    expect(changed(place(tokens('k', 1)), window, { amount: -5, pending: 0 }, nowMs)).toEqual({
      state: { kind: 'window', buckets: [] },
      forgetMs: nowMs + hourMs + 60_000,
    });
    // A settlement of an earlier hold must not cut short what was charged since.
    const earlier = place(tokens('k', 1), nowMs - 10 * 60_000);
    expect(changed(earlier, window, { amount: 1, pending: 0 }, nowMs)?.forgetMs).toBe(nowMs + hourMs + 60_000);
  });

  it('of places is known while one is in use, and is never below none', () => {
    const at = place(concurrent('k', 1));
    expect(changed(at, undefined, { amount: 1, pending: 1 }, nowMs)).toEqual({ state: slots, forgetMs: Number.MAX_SAFE_INTEGER });
    expect(changed(at, slots, { amount: -1, pending: 0 }, nowMs)).toEqual({ state: { kind: 'slots', inUse: 0 }, forgetMs: nowMs });
    expect(changed(at, undefined, { amount: -1, pending: 0 }, nowMs)?.state).toEqual({ kind: 'slots', inUse: 0 });
  });

  it('Q17: of a budget is known for 40 days after its period', () => {
    const at = place(budget('k', 1, [november]));
    expect(changed(at, money, { amount: -1, pending: -2 }, nowMs)).toEqual({
      state: { kind: 'budget', used: 6, pending: 0 },
      forgetMs: november.toMs + 40 * dayMs,
    });
  });

  it.each<[string, Place, CounterState]>([
    ['a window', place(requests('k', 1)), slots],
    ['places', place(concurrent('k', 1)), money],
    ['a budget', place(budget('k', 1, [november])), window],
  ])('of another kind is never taken for %s that holds nothing', (_name, at, state) => {
    expect(() => usedOf(at, state, nowMs)).toThrow(InvariantError);
    expect(() => changed(at, state, { amount: 1, pending: 1 }, nowMs)).toThrow(InvariantError);
  });

  it('tells the whole rest of a budget’s period, and a second for a place', () => {
    const short = { amount: 1, limit: 1, nowMs };
    expect(retryAfterMs(place(budget('k', 1, [november])), money, short)).toBe(dayMs);
    expect(retryAfterMs(place(concurrent('k', 1)), slots, short)).toBe(1_000);
    expect(retryAfterMs(place(requests('k', 1)), undefined, { ...short, amount: 2 })).toBeUndefined();
  });
});
