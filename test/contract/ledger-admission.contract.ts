import { describe, expect, it } from 'vitest';
import type { HoldRequest } from '../../src/core/ledger/hold.ts';
import { NOTHING } from '../../src/core/limit.ts';
import { amounts, budget, concurrent, dayMs, holdOf, hourMs, requests, tokens } from '../support/holds.ts';
import { askAll, type LedgerStage } from './ledger-stage.ts';

/** What is let in, and what a refusal leaves behind: nothing. */
export function describeAdmission(stage: LedgerStage): void {
  describe('admission', () => {
    it('Q1: grants exactly k of 2,000 concurrent holds on each kind of limit, over two handles', async () => {
      const other = await stage.open();
      const counters = [requests('r', 137), tokens('t', 138 * 10), concurrent('c', 140), budget('b', 141 * 7)];
      const amount = amounts({ requests: 1, tokens: 10, nanoUsd: 7 });
      for (const [index, k] of [137, 138, 140, 141].entries()) {
        // From the tightest to the widest: each in turn is the one that decides.
        const counted = counters.slice(index).map((counter) => ({ ...counter, key: `${counter.key}${String(index)}` }));
        const answers = await askAll(2_000, (number) =>
          (number % 2 === 0 ? stage.ledger : other).reserve(holdOf(counted, { amounts: amount })),
        );
        expect(answers.filter(({ kind }) => kind === 'granted')).toHaveLength(k);
        expect(answers.filter(({ kind }) => kind === 'refused')).toHaveLength(2_000 - k);
      }
      expect(await stage.ledger.openHolds()).toBe(137 + 138 + 140 + 141);
    });

    it('Q1: grants exactly k where amounts differ and one level is shared', async () => {
      const shared = tokens('global', 10_000);
      const answers = await askAll(2_000, (number) =>
        stage.ledger.reserve(
          holdOf([shared, tokens(`key${String(number % 10)}`, 900)], { amounts: amounts({ requests: 1, tokens: 1 + (number % 90) }) }),
        ),
      );
      expect((await stage.usageOf(shared))?.used).toBeLessThanOrEqual(9_000);
      const granted = answers.filter(({ kind }) => kind === 'granted').length;
      expect(await stage.ledger.openHolds()).toBe(granted);
      for (let key = 0; key < 10; key += 1) {
        const used = (await stage.usageOf(tokens(`key${String(key)}`, 900)))?.used ?? 0;
        // Whoever was refused asked for 90 at most.
        expect(used).toBeGreaterThan(900 - 90);
        expect(used).toBeLessThanOrEqual(900);
      }
    });

    it('Q12: 10,000 refused calls leave every level as it was, whichever kind is short', async () => {
      const wide = [requests('R', 1e6), tokens('T', 1e9), concurrent('C', 1e6), budget('B', 1e12)];
      const shorts = [requests('r', 1), tokens('t', 10), concurrent('c', 1), budget('b', 7)];
      const amount = amounts({ requests: 1, tokens: 10, nanoUsd: 7 });
      await stage.grant([...wide, ...shorts], { amounts: amount, leaseMs: hourMs });
      const before = await stage.ledger.usage([...wide, ...shorts]);
      for (let round = 0; round < 8; round += 1) {
        const short = shorts[round % 4];
        const counters = short === undefined ? [] : round < 4 ? [...wide, short] : [short, ...wide];
        const answers = await askAll(1_250, () => stage.ledger.reserve(holdOf(counters, { amounts: amount })));
        expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(['refused']));
      }
      expect(await stage.ledger.usage([...wide, ...shorts])).toEqual(before);
      expect(await stage.ledger.openHolds()).toBe(1);
      expect(await stage.lines()).toEqual([]);
    });

    it('names the counter that stays full the longest, and one that is too small for the request first of all', async () => {
      const counters = [tokens('hour', 10), concurrent('c', 1), tokens('day', 10, dayMs), requests('r', 100)];
      await stage.grant(counters, { amounts: amounts({ requests: 1, tokens: 10 }) });
      expect((await stage.refuse(counters, { amounts: amounts({ requests: 1, tokens: 1 }) })).shortage.index).toBe(2);
      expect((await stage.refuse([concurrent('c', 1), requests('r', 100)])).shortage).toEqual({ index: 0, retryAfterMs: 1_000 });
      expect((await stage.refuse(counters, { amounts: amounts({ requests: 101, tokens: 1 }) })).shortage).toEqual({
        index: 3,
        retryAfterMs: undefined,
      });
    });

    it.each([
      ['requests', requests('x', 5), amounts({ requests: 6 })],
      ['tokens', tokens('x', 5), amounts({ tokens: 6 })],
      ['money', budget('x', 5), amounts({ nanoUsd: 6 })],
      ['a place, where there is none', concurrent('x', 0), NOTHING],
    ])('refuses for good a hold that is larger than its limit of %s', async (_name, counter, amount) => {
      expect((await stage.refuse([counter], { amounts: amount })).shortage).toEqual({ index: 0, retryAfterMs: undefined });
      expect(await stage.usageOf(counter)).toEqual({ used: 0, pending: 0 });
    });

    it('grants up to the limit itself', async () => {
      const counters = [requests('r', 1), tokens('t', 5), concurrent('c', 1), budget('b', 6)];
      await stage.grant(counters, { amounts: { requests: 1, tokens: 5, nanoUsd: 6 } });
      expect(await stage.ledger.usage(counters)).toEqual([
        { used: 1, pending: 0 },
        { used: 5, pending: 0 },
        { used: 1, pending: 0 },
        { used: 6, pending: 6 },
      ]);
    });

    it('grants what takes nothing of a full counter only where nothing is owed', async () => {
      const { id } = await stage.grant([tokens('t', 5)], { amounts: amounts({ tokens: 5 }) });
      await stage.grant([tokens('t', 5)], { amounts: NOTHING });
      await stage.ledger.settle(id, amounts({ tokens: 6 }));
      await stage.refuse([tokens('t', 5)], { amounts: NOTHING });
    });

    it('counts keys that look alike, or like something else, apart', async () => {
      const keys = ['k', 'K', 'k ', 'k|always', 'k|1', '', '__proto__', 'constructor', '*', '%', "'", '{q}', 'ключ', 'k:1', 'a\nb'];
      for (const key of keys) {
        await stage.grant([requests(`r${key}`, 1), budget(`b${key}`, 1)], { amounts: amounts({ requests: 1, nanoUsd: 1 }) });
      }
      await stage.refuse([requests('rk', 1)]);
    });

    it.each<[string, Partial<HoldRequest>]>([
      ['an amount that is no number', { amounts: amounts({ tokens: Number.NaN }) }],
      ['an amount below 0', { amounts: amounts({ nanoUsd: -1 }) }],
      ['a fraction', { amounts: amounts({ tokens: 0.5 }) }],
      ['an amount that is not exact any more', { amounts: amounts({ tokens: 2 ** 53 }) }],
      ['no id', { id: '' }],
      ['no lease', { leaseMs: 0 }],
      ['a limit that is no number', { counters: [requests('r', Number.NaN)] }],
      ['a window of nothing', { counters: [requests('r', 1, 0)] }],
      ['the same counter twice', { counters: [requests('r', 5), requests('r', 5)] }],
    ])('takes nothing for a hold with %s', async (_name, changes) => {
      await expect(stage.ledger.reserve(holdOf([requests('r', 5)], changes))).rejects.toMatchObject({ name: 'InvariantError' });
      expect(await stage.usageOf(requests('r', 5))).toEqual({ used: 0, pending: 0 });
    });
  });
}
