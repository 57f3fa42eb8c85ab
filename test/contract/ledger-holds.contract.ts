import { describe, expect, it } from 'vitest';
import { NOTHING } from '../../src/core/limit.ts';
import { account, amounts, budget, concurrent, holdOf, hourMs, requests, tokens } from '../support/holds.ts';
import { askAll, slackMs, type LedgerStage } from './ledger-stage.ts';

/** What becomes of a hold: repeated, settled, expired. */
export function describeHolds(stage: LedgerStage): void {
  describe('a question that is repeated', () => {
    const counters = [requests('r', 10), tokens('t', 100), concurrent('c', 10), budget('b', 1_000)];
    const held = { requests: 1, tokens: 20, nanoUsd: 300 };

    it('Q16: a hold is charged once, however often and from wherever it is asked for', async () => {
      const other = await stage.open();
      const request = holdOf(counters, { amounts: held });
      const answers = await askAll(100, (number) => (number % 2 === 0 ? stage.ledger : other).reserve(request));
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(answers[0]).toMatchObject({ kind: 'granted' });
      expect(await stage.ledger.usage(counters)).toEqual([
        { used: 1, pending: 0 },
        { used: 20, pending: 0 },
        { used: 1, pending: 0 },
        { used: 300, pending: 300 },
      ]);
      expect(await stage.ledger.openHolds()).toBe(1);
    });

    it('Q16: a settlement is charged once, and the first one stands', async () => {
      const { id } = await stage.grant(counters, { amounts: held });
      const answers = await askAll(20, (number) => stage.ledger.settle(id, amounts({ requests: 1, tokens: 10 + number, nanoUsd: 100 })));
      expect(answers).toEqual(['settled', ...Array.from({ length: 19 }, () => 'ended')]);
      expect((await stage.ledger.usage(counters)).map(({ used }) => used)).toEqual([1, 10, 0, 100]);
      expect(await stage.lines()).toEqual([{ day: 'always', ...account, requests: 1, tokens: 10, nanoUsd: 100 }]);
    });

    it('Q16: a hold that was cancelled gives back everything once', async () => {
      await stage.grant(counters, { amounts: held });
      const { id } = await stage.grant(counters, { amounts: held });
      expect(await stage.ledger.cancel(id)).toBe('settled');
      expect(await stage.ledger.cancel(id)).toBe('ended');
      expect(await stage.ledger.settle(id, held)).toBe('ended');
      expect((await stage.ledger.usage(counters)).map(({ used }) => used)).toEqual([1, 20, 1, 300]);
      expect(await stage.lines()).toEqual([]);
    });

    it('Q16: a hold that is cancelled before it arrives is never granted', async () => {
      const request = holdOf(counters, { amounts: held });
      expect(await stage.ledger.cancel(request.id)).toBe('unknown');
      expect(await stage.ledger.cancel(request.id)).toBe('ended');
      expect(await stage.ledger.reserve(request)).toEqual({ kind: 'ended' });
      expect((await stage.ledger.usage(counters)).map(({ used }) => used)).toEqual([0, 0, 0, 0]);
      expect(await stage.ledger.openHolds()).toBe(0);
    });

    it('Q16: a hold that was resolved is not granted again, for nothing would be charged', async () => {
      const settled = holdOf(counters, { amounts: held });
      const expired = holdOf(counters, { amounts: held, leaseMs: 1_000 });
      await stage.ledger.reserve(settled);
      await stage.ledger.settle(settled.id, NOTHING);
      await stage.ledger.reserve(expired);
      await stage.under.advance(slackMs);
      expect(await stage.ledger.reap()).toBe(1);
      expect(await stage.ledger.reserve(settled)).toEqual({ kind: 'ended' });
      expect(await stage.ledger.reserve(expired)).toEqual({ kind: 'ended' });
      expect((await stage.ledger.usage(counters)).map(({ used }) => used)).toEqual([1, 20, 0, 300]);
    });

    it('a refused hold may be asked for again under its id, and is granted once there is room', async () => {
      const { id } = await stage.grant([concurrent('c', 1)]);
      const waiting = holdOf([concurrent('c', 1)]);
      expect(await stage.ledger.reserve(waiting)).toMatchObject({ kind: 'refused' });
      await stage.ledger.settle(id, NOTHING);
      expect(await stage.ledger.reserve(waiting)).toMatchObject({ kind: 'granted' });
    });

    it('knows no hold that nobody made', async () => {
      expect(await stage.ledger.settle('nobody', held)).toBe('unknown');
      expect(await stage.ledger.extend(['nobody'], 1_000)).toEqual(['nobody']);
      // Settling does not make the id known: its reserve may still be granted.
      expect(await stage.ledger.reserve(holdOf(counters, { id: 'nobody', amounts: held }))).toMatchObject({ kind: 'granted' });
    });
  });

  describe('settlement', () => {
    const counters = [requests('r', 10), tokens('t', 100), concurrent('c', 2), budget('b', 1_000)];
    const held = { requests: 1, tokens: 60, nanoUsd: 600 };
    const used = async (): Promise<readonly number[]> => (await stage.ledger.usage(counters)).map((usage) => usage.used);

    it('of less than was held gives the rest back at once', async () => {
      const { id } = await stage.grant(counters, { amounts: held });
      await stage.refuse(counters, { amounts: held });
      expect(await stage.ledger.settle(id, { requests: 1, tokens: 40, nanoUsd: 400 })).toBe('settled');
      expect(await used()).toEqual([1, 40, 0, 400]);
      expect(await stage.usageOf(budget('b', 1_000))).toEqual({ used: 400, pending: 0 });
      await stage.grant(counters, { amounts: held });
    });

    it('of more than was held is charged in full, and later holds see it', async () => {
      const { id } = await stage.grant(counters, { amounts: held });
      expect(await stage.ledger.settle(id, { requests: 1, tokens: 5_000, nanoUsd: 50_000 })).toBe('settled');
      expect(await used()).toEqual([1, 5_000, 0, 50_000]);
      await stage.refuse([tokens('t', 100)], { amounts: amounts({ tokens: 1 }) });
      await stage.refuse([budget('b', 1_000)], { amounts: amounts({ nanoUsd: 1 }) });
      expect(await stage.lines()).toEqual([{ day: 'always', ...account, requests: 1, tokens: 5_000, nanoUsd: 50_000 }]);
    });

    it('of nothing takes back the request too', async () => {
      const { id } = await stage.grant(counters, { amounts: held });
      expect(await stage.ledger.settle(id, NOTHING)).toBe('settled');
      expect(await used()).toEqual([0, 0, 0, 0]);
    });

    it('stays exact where figures are as large as they may be', async () => {
      const large = Number.MAX_SAFE_INTEGER - 10;
      const { id } = await stage.grant([budget('b', Number.MAX_SAFE_INTEGER)], { amounts: amounts({ nanoUsd: large - 7 }) });
      expect(await stage.ledger.settle(id, amounts({ nanoUsd: large }))).toBe('settled');
      expect((await stage.usageOf(budget('b', Number.MAX_SAFE_INTEGER)))?.used).toBe(large);
      expect(await stage.lines()).toMatchObject([{ nanoUsd: large }]);
      await stage.refuse([budget('b', Number.MAX_SAFE_INTEGER)], { amounts: amounts({ nanoUsd: 11 }) });
      await stage.grant([budget('b', Number.MAX_SAFE_INTEGER)], { amounts: amounts({ nanoUsd: 10 }) });
    });

    it.each([
      ['that is no number', { tokens: Number.NaN }],
      ['below 0', { nanoUsd: -1 }],
      ['beyond what is exact', { tokens: 1e308 }],
    ])('with an amount %s changes nothing', async (_name, change) => {
      const { id } = await stage.grant(counters, { amounts: held });
      await expect(stage.ledger.settle(id, amounts(change))).rejects.toMatchObject({ name: 'InvariantError' });
      expect(await used()).toEqual([1, 60, 1, 600]);
      expect(await stage.ledger.settle(id, held)).toBe('settled');
    });
  });

  describe('leases', () => {
    const counters = [requests('r', 10), tokens('t', 100), concurrent('c', 1), budget('b', 1_000)];
    const held = { requests: 1, tokens: 60, nanoUsd: 600 };
    const used = async (): Promise<readonly number[]> => (await stage.ledger.usage(counters)).map((usage) => usage.used);

    it('Q2: an exchange that ended unseen frees its place after its lease, and what it held stays charged', async () => {
      await stage.grant(counters, { amounts: held, leaseMs: 30_000 });
      expect(await stage.ledger.reap()).toBe(0);
      await stage.under.advance(30_000);
      expect(await stage.ledger.reap()).toBe(1);
      expect(await stage.ledger.reap()).toBe(0);
      expect(await used()).toEqual([1, 60, 0, 600]);
      expect(await stage.usageOf(budget('b', 1_000))).toEqual({ used: 600, pending: 0 });
      expect(await stage.lines()).toEqual([{ day: 'always', ...account, ...held }]);
      expect(await stage.ledger.openHolds()).toBe(0);
    });

    it('Q2: a place whose lease has run out is given to the next who asks, without a sweeper', async () => {
      await stage.grant([concurrent('c', 1)], { leaseMs: 30_000 });
      await stage.refuse([concurrent('c', 1)]);
      await stage.under.advance(30_000);
      await stage.grant([concurrent('c', 1)], { leaseMs: 30_000 });
      await stage.refuse([concurrent('c', 1)]);
      expect(await stage.ledger.openHolds()).toBe(1);
    });

    it('a settlement after the lease puts the true figure in the place of the one that was held, once', async () => {
      const { id } = await stage.grant(counters, { amounts: held });
      await stage.under.advance(60_000);
      await stage.ledger.reap();
      const next = await stage.grant([concurrent('c', 1)]);
      expect(await stage.ledger.settle(id, { requests: 1, tokens: 10, nanoUsd: 100 })).toBe('settled');
      // The place of an expired hold is somebody else's by now.
      expect(await used()).toEqual([1, 10, 1, 100]);
      expect(await stage.lines()).toEqual([{ day: 'always', ...account, requests: 1, tokens: 10, nanoUsd: 100 }]);
      expect(await stage.ledger.settle(id, held)).toBe('ended');
      expect(await stage.ledger.settle(next.id, NOTHING)).toBe('settled');
      expect(await used()).toEqual([1, 10, 0, 100]);
    });

    it('a cancellation after the lease takes everything back', async () => {
      const { id } = await stage.grant(counters, { amounts: held });
      await stage.under.advance(60_000);
      await stage.ledger.reap();
      expect(await stage.ledger.cancel(id)).toBe('settled');
      expect(await used()).toEqual([0, 0, 0, 0]);
      expect(await stage.lines()).toEqual([]);
    });

    it('are prolonged for open holds only, all that were named at once', async () => {
      const kept = await stage.grant([concurrent('a', 9)], { leaseMs: 60_000 });
      const lost = await stage.grant([concurrent('a', 9)], { leaseMs: 60_000 });
      const ended = await stage.grant([concurrent('a', 9)], { leaseMs: 60_000 });
      await stage.ledger.settle(ended.id, NOTHING);
      expect(await stage.ledger.extend([kept.id, ended.id, 'nobody'], 3 * hourMs)).toEqual([ended.id, 'nobody']);
      expect(await stage.ledger.extend([], hourMs)).toEqual([]);
      await stage.under.advance(hourMs);
      expect(await stage.ledger.reap()).toBe(1);
      expect(await stage.ledger.extend([kept.id, lost.id], 3 * hourMs)).toEqual([lost.id]);
      await stage.under.advance(2 * hourMs);
      expect(await stage.ledger.reap()).toBe(0);
      expect(await stage.ledger.openHolds()).toBe(1);
      await stage.under.advance(2 * hourMs);
      expect(await stage.ledger.reap()).toBe(1);
    });

    it('a hold whose lease has run out is still prolonged while nobody has ended it', async () => {
      const { id } = await stage.grant([concurrent('c', 1)], { leaseMs: 1_000 });
      await stage.under.advance(slackMs);
      expect(await stage.ledger.extend([id], hourMs)).toEqual([]);
      await stage.refuse([concurrent('c', 1)]);
    });

    it.each([
      ['a sweeper', 0, async () => stage.ledger.reap()],
      ['the next who wants a place', 1, async () => stage.grant([concurrent('c', 90)])],
    ])('of holds that have thousands of counters between them are all ended at once by %s', async (_name, left, end) => {
      await askAll(90, (number) => {
        const own = Array.from({ length: 90 }, (_, level) => budget(`${String(level)} of ${String(number)}`, 1e9));
        return stage.grant([concurrent('c', 90), ...own]);
      });
      await stage.under.advance(60_000);
      await end();
      expect(await stage.ledger.openHolds()).toBe(left);
      expect(await stage.usageOf(concurrent('c', 90))).toEqual({ used: left, pending: 0 });
    });

    it('I4: no hold is left, in whatever way each of 600 ended', async () => {
      const wide = [requests('r', 1_000), concurrent('c', 1_000), budget('b', 1e9)];
      const holds = Array.from({ length: 600 }, () => holdOf(wide, { amounts: amounts({ requests: 1, nanoUsd: 5 }) }));
      await askAll(600, (number) => stage.ledger.reserve(holds[number] ?? holdOf([])));
      await askAll(400, (number) => {
        const id = holds[number]?.id ?? '';
        return number % 2 === 0 ? stage.ledger.settle(id, amounts({ requests: 1, nanoUsd: 3 })) : stage.ledger.cancel(id);
      });
      expect(await stage.ledger.openHolds()).toBe(200);
      await stage.under.advance(31_000);
      expect(await stage.ledger.reap()).toBe(200);
      expect(await stage.ledger.openHolds()).toBe(0);
      expect(await stage.usageOf(concurrent('c', 1_000))).toEqual({ used: 0, pending: 0 });
      expect(await stage.usageOf(budget('b', 1e9))).toEqual({ used: 200 * 3 + 200 * 5, pending: 0 });
    });
  });
}
