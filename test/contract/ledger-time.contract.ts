import { describe, expect, it } from 'vitest';
import type { Amounts, Period } from '../../src/core/limit.ts';
import { StoreError } from '../../src/ports/key-store.ts';
import { amounts, budget, dayMs, holdOf, hourMs, requests, tokens } from '../support/holds.ts';
import { askAll, slackMs, type LedgerStage } from './ledger-stage.ts';

/** Windows and budgets, by the clock of the store. */
export function describeTime(stage: LedgerStage): void {
  describe('windows', () => {
    it.each([
      ['requests', requests('w', 1), amounts({ requests: 1 })],
      ['tokens', tokens('w', 10), amounts({ tokens: 10 })],
    ])('say to the millisecond when there is room for %s again', async (_name, counter, amount) => {
      const granted = await stage.grant([counter], { amounts: amount });
      const refusal = await stage.refuse([counter], { amounts: amount });
      expect(refusal.roomAtMs).toBe(endOf(granted.atMs, hourMs));
      expect(endOf(granted.atMs, hourMs) - granted.atMs).toBeGreaterThan(hourMs);
      await stage.under.advance((refusal.shortage.retryAfterMs ?? 0) - slackMs);
      const later = await stage.refuse([counter], { amounts: amount });
      expect(later.roomAtMs).toBe(endOf(granted.atMs, hourMs));
      await stage.under.advance(later.shortage.retryAfterMs ?? 0);
      await stage.grant([counter], { amounts: amount });
    });

    it('tell when enough has left for what is asked, not when the first has', async () => {
      const counter = tokens('w', 100);
      const ask = (count: number): Promise<{ atMs: number }> => stage.grant([counter], { amounts: amounts({ tokens: count }) });
      await ask(10);
      await stage.under.advance(10 * 60_000);
      const second = await ask(30);
      await stage.under.advance(10 * 60_000);
      const third = await ask(60);
      const small = await stage.refuse([counter], { amounts: amounts({ tokens: 40 }) });
      expect(small.roomAtMs).toBe(endOf(second.atMs, hourMs));
      const large = await stage.refuse([counter], { amounts: amounts({ tokens: 41 }) });
      expect(large.roomAtMs).toBe(endOf(third.atMs, hourMs));
    });

    it('never let twice the limit through at an edge', async () => {
      const counter = requests('w', 10, hourMs);
      for (let minute = 0; minute < 10; minute += 1) {
        await stage.grant([counter]);
        await stage.under.advance(60_000);
      }
      await stage.under.advance(49 * 60_000);
      await stage.refuse([counter]);
      await stage.under.advance(2 * 60_000);
      // The first has left and, where the clock ran on, the second.
      const answers = await askAll(5, () => stage.ledger.reserve(holdOf([counter])));
      const granted = answers.filter(({ kind }) => kind === 'granted').length;
      expect(granted === 1 || granted === 2).toBe(true);
    });

    it('give back what a settlement frees to the time of admission', async () => {
      const counter = tokens('w', 100);
      const { id } = await stage.grant([counter], { amounts: amounts({ tokens: 100 }), leaseMs: dayMs });
      await stage.under.advance(30 * 60_000);
      await stage.ledger.settle(id, amounts({ tokens: 70 }));
      await stage.grant([counter], { amounts: amounts({ tokens: 30 }) });
      await stage.refuse([counter], { amounts: amounts({ tokens: 1 }) });
      await stage.under.advance(32 * 60_000);
      expect((await stage.usageOf(counter))?.used).toBe(30);
    });

    it.each([
      ['the earliest first', [0, 1, 2]],
      ['the latest first', [2, 1, 0]],
      ['the one between last', [0, 2, 1]],
      ['the one between first', [1, 2, 0]],
    ])('drop each true figure in its time where holds of nothing are settled at once, %s', async (_name, order) => {
      const counter = tokens('w', 1_000);
      const ids: string[] = [];
      for (let number = 0; number < 3; number += 1) {
        await stage.under.advance(10 * 60_000);
        ids.push((await stage.grant([counter], { leaseMs: dayMs })).id);
      }
      const figures = [100, 20, 3];
      await Promise.all(
        order.map((number) => stage.ledger.settle(ids[number] ?? '', amounts({ requests: 1, tokens: figures[number] ?? 0 }))),
      );
      expect((await stage.usageOf(counter))?.used).toBe(123);
      for (const [minutes, left] of [
        [42, 23],
        [10, 3],
        [10, 0],
      ] as const) {
        await stage.under.advance(minutes * 60_000);
        expect((await stage.usageOf(counter))?.used).toBe(left);
      }
    });

    it.each([
      ['one by one', false],
      ['at once', true],
    ])('are exact again after a figure that no sum can hold, where others are taken back %s meanwhile', async (_name, isAtOnce) => {
      const counter = tokens('w', Number.MAX_SAFE_INTEGER);
      const giant = await stage.grant([counter], { leaseMs: dayMs });
      await stage.under.advance(10 * 60_000);
      const small = await askAll(3, () => stage.grant([counter], { amounts: amounts({ tokens: 1 }), leaseMs: dayMs }));
      await stage.ledger.settle(giant.id, amounts({ tokens: Number.MAX_SAFE_INTEGER }));
      const cancelled = small.slice(0, 2).map(({ id }) => id);
      if (isAtOnce) {
        await Promise.all(cancelled.map((id) => stage.ledger.cancel(id)));
      } else {
        for (const id of cancelled) {
          await stage.ledger.cancel(id);
        }
      }
      await stage.under.advance(52 * 60_000);
      expect((await stage.usageOf(counter))?.used).toBe(1);
    });

    it('do not charge a settlement whose window has passed, but the statement does', async () => {
      const counter = tokens('w', 100, 60_000);
      const { id } = await stage.grant([counter], { amounts: amounts({ tokens: 100 }), leaseMs: dayMs });
      await stage.under.advance(2 * 60_000);
      await stage.ledger.settle(id, amounts({ tokens: 400 }));
      expect((await stage.usageOf(counter))?.used).toBe(0);
      expect(await stage.lines()).toMatchObject([{ tokens: 400 }]);
    });

    it.each([
      ['24 h', dayMs],
      ['31 d', 31 * dayMs],
    ])('Q10: of %s are kept whole while the clock moves through them, and no longer', async (_name, windowMs) => {
      const counter = requests('w', 2, windowMs);
      await stage.grant([counter]);
      await stage.under.advance(windowMs / 2);
      await stage.ledger.reap();
      await stage.grant([counter]);
      await stage.refuse([counter]);
      await stage.under.advance(windowMs / 2 - slackMs);
      await stage.ledger.reap();
      await stage.refuse([counter]);
      await stage.under.advance(windowMs / 60 + 2 * slackMs);
      await stage.grant([counter]);
      await stage.refuse([counter]);
    });
  });

  describe('budgets', () => {
    it('Q17: begin anew with the period that the store is in, without anybody doing anything', async () => {
      const periods = periodsMeeting(await stage.now(), hourMs);
      const counter = budget('b', 100, periods);
      const { id } = await stage.grant([counter], spend(100));
      await stage.ledger.settle(id, amounts({ nanoUsd: 100 }));
      const refusal = await stage.refuse([counter], spend(1));
      expect(refusal.roomAtMs).toBe(periods[0].toMs);
      await stage.under.advance((refusal.shortage.retryAfterMs ?? 0) - slackMs);
      const last = await stage.refuse([counter], spend(1));
      expect(last.atMs).toBeLessThan(periods[0].toMs);
      await stage.under.advance(last.shortage.retryAfterMs ?? 0);
      const first = await stage.grant([counter], spend(100));
      expect(first.atMs).toBeGreaterThanOrEqual(periods[0].toMs);
      await stage.refuse([counter], spend(1));
    });

    it('Q17: a hold is charged to the period of its admission, whenever it is settled', async () => {
      const periods = periodsMeeting(await stage.now(), hourMs);
      const counter = budget('b', 100, periods);
      const { id } = await stage.grant([counter], { ...spend(60), leaseMs: dayMs });
      await stage.under.advance(hourMs);
      await stage.grant([counter], spend(100));
      await stage.ledger.settle(id, amounts({ nanoUsd: 40 }));
      expect(await stage.usageOf(counter)).toEqual({ used: 100, pending: 100 });
      await stage.refuse([counter], spend(1));
    });

    it('Q17: count a day and a month of the same money side by side', async () => {
      const nowMs = await stage.now();
      const until = (id: string, toMs: number): Period => ({ id, fromMs: nowMs - dayMs, toMs });
      const day = budget('day', 10, [until('1', nowMs + hourMs), { id: '2', fromMs: nowMs + hourMs, toMs: nowMs + dayMs }]);
      const month = budget('month', 25, [until('m', nowMs + 20 * dayMs)]);
      const first = await stage.grant([day, month], spend(10));
      await stage.ledger.settle(first.id, amounts({ nanoUsd: 10 }));
      expect((await stage.refuse([day, month], spend(1))).shortage.index).toBe(0);
      await stage.under.advance(hourMs);
      const second = await stage.grant([day, month], spend(10));
      await stage.ledger.settle(second.id, amounts({ nanoUsd: 10 }));
      const refusal = await stage.refuse([day, month], spend(10));
      expect(refusal.shortage.index).toBe(1);
      expect(refusal.roomAtMs).toBe(nowMs + 20 * dayMs);
      expect((await stage.refuse([day, month], spend(26))).shortage.retryAfterMs).toBeUndefined();
    });

    it('Q5: that are only held have room again soon, and at the end of their period at the latest', async () => {
      const periods = periodsMeeting(await stage.now(), hourMs);
      const counter = budget('b', 100, periods);
      const { id } = await stage.grant([counter], spend(60));
      const refusal = await stage.refuse([counter], spend(50));
      expect(refusal.shortage.retryAfterMs).toBe(1_000);
      await stage.ledger.settle(id, amounts({ nanoUsd: 50 }));
      await stage.grant([counter], spend(50));
      expect((await stage.refuse([counter], spend(51))).roomAtMs).toBe(periods[0].toMs);
      await stage.under.advance(hourMs - slackMs);
      const last = await stage.refuse([counter], spend(50));
      expect(last.shortage.retryAfterMs).toBeLessThanOrEqual(slackMs);
    });

    it('take nothing anywhere where no period is around the store’s now', async () => {
      const nowMs = await stage.now();
      const past: Period = { id: 'past', fromMs: 0, toMs: nowMs - 1 };
      const future: Period = { id: 'future', fromMs: nowMs + dayMs, toMs: nowMs + 2 * dayMs };
      const counters = [requests('r', 9), budget('b', 100, [past, future])];
      const answer = await stage.ledger.reserve(holdOf(counters, { amounts: amounts({ requests: 1, nanoUsd: 1 }) }));
      expect(answer).toMatchObject({ kind: 'clock' });
      expect(await stage.ledger.reserve(holdOf([requests('r', 9)], { days: [past, future] }))).toMatchObject({ kind: 'clock' });
      expect((await stage.usageOf(requests('r', 9)))?.used).toBe(0);
      expect(await stage.ledger.openHolds()).toBe(0);
      await expect(stage.ledger.usage(counters)).rejects.toThrow(StoreError);
    });
  });
}

/** When a charge of `atMs` stops to count: once 60 further sub-buckets have passed. */
const endOf = (atMs: number, windowMs: number): number => Math.ceil(((Math.floor((atMs * 60) / windowMs) + 61) * windowMs) / 60);

const spend = (nanoUsd: number): { readonly amounts: Amounts } => ({ amounts: amounts({ nanoUsd }) });

/** Two periods that meet this long after now. */
function periodsMeeting(nowMs: number, afterMs: number): readonly [Period, Period] {
  const edgeMs = nowMs + afterMs;
  return [
    { id: '2026-10', fromMs: edgeMs - 31 * dayMs, toMs: edgeMs },
    { id: '2026-11', fromMs: edgeMs, toMs: edgeMs + 30 * dayMs },
  ];
}
