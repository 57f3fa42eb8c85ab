import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { extend, reap, reserve, settle, usage } from '../../../../src/core/ledger/ledger.ts';
import { openMemoryState, type MemoryState } from '../../../../src/core/ledger/memory-state.ts';
import { restore, type RestoredHold } from '../../../../src/core/ledger/restore.ts';
import { NOTHING, type Counter } from '../../../../src/core/limit.ts';
import { account, amounts, budget, concurrent, holdOf, hourMs, requests, tokens } from '../../../support/holds.ts';

const atMs = 10 * hourMs;
const laterMs = atMs + 60_000;
const counters: readonly Counter[] = [requests('r', 5), tokens('t', 100), concurrent('c', 2), budget('b', 1_000)];
const held = { requests: 1, tokens: 20, nanoUsd: 300 };

const restoredOf = (changes: Partial<RestoredHold> = {}): RestoredHold => ({
  ...holdOf(counters, { amounts: held }),
  atMs,
  end: undefined,
  ...changes,
});

const period = (id: string, fromMs: number) => ({ id, fromMs, toMs: fromMs + hourMs });

describe('a hold that is told again', () => {
  let state: MemoryState;
  const used = (nowMs = laterMs): readonly (number | undefined)[] => usage(state, counters, nowMs).map((each) => each?.used);
  const tell = (hold: RestoredHold, sinceMs = 0, nowMs = laterMs): void => {
    restore(state, hold, sinceMs, nowMs);
  };

  beforeEach(() => {
    state = openMemoryState();
  });

  it('stands at every counter and holds its place until its lease ends, counted from now', () => {
    const hold = restoredOf();
    tell(hold);
    expect([used(), state.openHolds()]).toEqual([[1, 20, 1, 300], 1]);
    expect(reap(state, laterMs + 29_999)).toBe(0);
    expect(extend(state, [hold.id], 30_000, laterMs)).toEqual([]);
    expect(reap(state, laterMs + 30_000)).toBe(1);
    expect(state.spending('', '~')).toEqual([{ day: 'always', ...account, ...held }]);
  });

  it('is charged its true figure where its end is known, on the statement too', () => {
    tell(restoredOf({ end: { requests: 1, tokens: 7, nanoUsd: 70 } }));
    expect([used(), state.openHolds()]).toEqual([[1, 7, 0, 70], 0]);
    expect(state.spending('', '~')).toEqual([{ day: 'always', ...account, requests: 1, tokens: 7, nanoUsd: 70 }]);
  });

  it('is charged above the limit too: what was admitted is spent', () => {
    for (let number = 0; number < 8; number += 1) {
      tell(restoredOf({ end: held }));
    }
    expect(used()).toEqual([8, 160, 0, 2_400]);
    expect(reserve(state, holdOf(counters), laterMs)).toMatchObject({ kind: 'refused' });
  });

  it('counts in the sub-bucket of its admission, and no longer', () => {
    tell(restoredOf({ end: held }), 0, atMs + hourMs - 60_000);
    expect(used(atMs + hourMs - 60_000)[1]).toBe(20);
    expect(used(atMs + hourMs + 120_000)[1]).toBe(0);
  });

  it('counts for the period and the day of its admission, where both are over', () => {
    const money = budget('m', 1_000, [period('before', atMs), period('now', atMs + hourMs)]);
    tell(restoredOf({ counters: [money], days: [{ id: 'yesterday', fromMs: 0, toMs: atMs + 1 }], end: held }), 0, atMs + hourMs + 5);
    expect(usage(state, [money], atMs + hourMs + 5)).toEqual([{ used: 0, pending: 0 }]);
    expect(usage(state, [money], atMs)).toEqual([{ used: 300, pending: 0 }]);
    expect(state.spending('', '~')).toMatchObject([{ day: 'yesterday', nanoUsd: 300 }]);
  });

  it('that was cancelled takes nothing, and is not granted later', () => {
    const hold = restoredOf({ end: 'cancel' });
    tell(hold);
    expect(used()).toEqual([0, 0, 0, 0]);
    expect(reserve(state, holdOf(counters, { id: hold.id }), laterMs)).toEqual({ kind: 'ended' });
  });

  it('that the store has open is only resolved, and one that has expired corrected', () => {
    const [open, expired] = [holdOf(counters, { amounts: held }), holdOf(counters, { amounts: held })];
    reserve(state, expired, atMs);
    reap(state, laterMs);
    reserve(state, open, laterMs);
    tell(restoredOf({ ...open, end: undefined }));
    tell(restoredOf({ ...expired, end: undefined }));
    expect(used()).toEqual([2, 40, 1, 600]);
    for (const { id } of [open, expired]) {
      tell(restoredOf({ id, end: { requests: 1, tokens: 1, nanoUsd: 10 } }));
    }
    expect(used()).toEqual([2, 2, 0, 20]);
  });

  it('from before the loss, whose id is not known, was counted and forgotten: it is not charged again', () => {
    tell(restoredOf({ end: held }), atMs + 1);
    tell(restoredOf(), atMs + 1);
    expect([used(), state.openHolds()]).toEqual([[0, 0, 0, 0], 0]);
    tell(restoredOf({ end: held }), atMs);
    expect(used()).toEqual([1, 20, 0, 300]);
  });

  it.each([
    ['end that is no number', { end: amounts({ tokens: Number.NaN }) }],
    ['amount below 0', { amounts: amounts({ nanoUsd: -1 }) }],
  ])('with an %s changes nothing', (_name, changes) => {
    expect(() => {
      tell(restoredOf(changes));
    }).toThrow(expect.objectContaining({ name: 'InvariantError' }));
    expect(state.size()).toBe(0);
  });

  it('is charged once however often and in whatever order it is told, and nothing is ever lowered (property)', () => {
    const end = fc.constantFrom<RestoredHold['end']>(undefined, 'cancel', NOTHING, held, { requests: 1, tokens: 50, nanoUsd: 5 });
    const holds = fc.array(fc.record({ end, ageMs: fc.nat(50 * 60_000) }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(holds, fc.array(fc.nat(5), { maxLength: 12 }), (some, again) => {
        const all = some.map((each, index) => restoredOf({ id: `h${String(index)}`, atMs: laterMs - each.ageMs, end: each.end }));
        state = openMemoryState();
        all.forEach((hold) => {
          tell(hold);
        });
        const once = used();
        const statement = state.spending('', '~');
        for (const index of again) {
          const hold = all[index];
          if (hold !== undefined) {
            const before = used();
            tell(hold);
            expect(used()).toEqual(before);
          }
        }
        expect([used(), state.spending('', '~')]).toEqual([once, statement]);
        const sum = (of: 'tokens' | 'nanoUsd'): number =>
          all.reduce((total, { end: each }) => total + (each === 'cancel' ? 0 : (each ?? held)[of]), 0);
        expect([once[1], once[3]]).toEqual([sum('tokens'), sum('nanoUsd')]);
      }),
    );
  });

  it('that is told before its settlement arrives is settled by it', () => {
    const hold = restoredOf();
    tell(hold);
    expect(settle(state, hold.id, { requests: 1, tokens: 3, nanoUsd: 30 }, laterMs)).toBe('settled');
    expect(used()).toEqual([1, 3, 0, 30]);
  });
});
