import { describe, expect, it } from 'vitest';
import { NOTHING, type Counter, type Period } from '../../src/core/limit.ts';
import { StoreError } from '../../src/ports/key-store.ts';
import type { Spending } from '../../src/ports/ledger.ts';
import { account, amounts, budget, dayMs, holdOf, hourMs, requests } from '../support/holds.ts';
import { type LedgerStage } from './ledger-stage.ts';

/** The statement, and what several processes see of one store. */
export function describeHandles(stage: LedgerStage): void {
  describe('the statement', () => {
    it('adds up exactly to the budgets, line by line, for holds that ended in every way', async () => {
      const teams = ['finance', 'research'];
      const clients = ['a', 'b', 'c'];
      const holds = Array.from({ length: 300 }, (_, number) => {
        const team = teams[number % 2] ?? '';
        const client = clients[number % 3] ?? '';
        return holdOf(budgetsOf(team, client), {
          account: { ...account, team, client },
          amounts: { requests: 1, tokens: number, nanoUsd: 1_000 + number },
        });
      });
      await Promise.all(holds.map((hold) => stage.ledger.reserve(hold)));
      await Promise.all(
        holds.slice(0, 240).map(({ id }, number) => {
          const more = number % 4 === 0 ? 5_000 : 7;
          return number % 5 === 0
            ? stage.ledger.cancel(id)
            : stage.ledger.settle(id, { requests: 1, tokens: number * 2, nanoUsd: number * more });
        }),
      );
      await stage.under.advance(hourMs);
      expect(await stage.ledger.reap()).toBe(60);
      await Promise.all(holds.slice(240, 270).map(({ id }) => stage.ledger.settle(id, amounts({ nanoUsd: 3 }))));

      const statement = await stage.lines();
      const sum = (matches: (line: Spending) => boolean): number =>
        statement.filter(matches).reduce((total, line) => total + line.nanoUsd, 0);
      expect(statement.length).toBe(6);
      expect(sum(() => true)).toBe((await stage.usageOf(budget('all', 1e12)))?.used);
      for (const team of teams) {
        expect(sum((line) => line.team === team)).toBe((await stage.usageOf(budget(`team ${team}`, 1e12)))?.used);
      }
      for (const client of clients) {
        expect(sum((line) => line.client === client)).toBe((await stage.usageOf(budget(`client ${client}`, 1e12)))?.used);
      }
    });

    it('keeps a line for each day of admission and each account, whatever is in their names', async () => {
      const nowMs = await stage.now();
      const days: readonly Period[] = [
        { id: '2026-11-20', fromMs: 0, toMs: nowMs + hourMs },
        { id: '2026-11-21', fromMs: nowMs + hourMs, toMs: nowMs + dayMs },
      ];
      const odd = { team: '', client: 'a|b', key: '', user: 'o’neil "x", ann@例え.jp', model: 'm:1/2,3' };
      const other = { ...odd, team: 'a', client: '|b' };
      const first = await stage.grant([], { account: odd, days, leaseMs: dayMs });
      const second = await stage.grant([], { account: other, days, leaseMs: dayMs });
      await stage.under.advance(hourMs);
      const third = await stage.grant([], { account: odd, days, leaseMs: dayMs });
      for (const { id } of [first, second, third]) {
        await stage.ledger.settle(id, { requests: 1, tokens: 2, nanoUsd: 3 });
      }
      const line = { requests: 1, tokens: 2, nanoUsd: 3 };
      expect(await stage.lines('2026-11-21', '2026-11-21')).toEqual([{ day: '2026-11-21', ...odd, ...line }]);
      const early = await stage.lines('2026-11-01', '2026-11-20');
      expect(early).toHaveLength(2);
      expect(early).toEqual(
        expect.arrayContaining([
          { day: '2026-11-20', ...odd, ...line },
          { day: '2026-11-20', ...other, ...line },
        ]),
      );
      expect((await stage.lines('2026-11-01', '2026-11-30')).map(({ day }) => day)).toEqual(['2026-11-20', '2026-11-20', '2026-11-21']);
      expect(await stage.lines('2026-11-22', '2026-12-31')).toEqual([]);
    });
  });

  describe('several handles', () => {
    it('see the same counters, holds, statement and epoch', async () => {
      const other = await stage.open();
      const counters = [requests('r', 1), budget('b', 10)];
      const { id } = await stage.grant(counters, { amounts: amounts({ requests: 1, nanoUsd: 10 }) });
      expect(await other.reserve(holdOf(counters))).toMatchObject({ kind: 'refused' });
      expect(await other.openHolds()).toBe(1);
      expect(await other.settle(id, amounts({ requests: 1, nanoUsd: 4 }))).toBe('settled');
      expect(await stage.ledger.settle(id, NOTHING)).toBe('ended');
      expect(await stage.ledger.usage(counters)).toEqual(await other.usage(counters));
      expect(await stage.ledger.spending('always', 'always')).toEqual(await other.spending('always', 'always'));
      const epoch = await stage.ledger.epoch();
      expect(epoch).toMatch(/^.{16,}$/);
      expect(await other.epoch()).toBe(epoch);
      expect(stage.ledger.healthy() && other.healthy()).toBe(true);
    });

    it('keep what was counted when all of them have closed', async () => {
      await stage.grant([requests('r', 1, dayMs)]);
      const epoch = await stage.ledger.epoch();
      await stage.ledger.close();
      const again = await stage.open();
      expect(await again.reserve(holdOf([requests('r', 1, dayMs)]))).toMatchObject({ kind: 'refused' });
      expect(await again.openHolds()).toBe(1);
      expect(await again.epoch()).toBe(epoch);
    });

    it('tell the ends that were asked for before they close', async () => {
      const first = await stage.grant([requests('r', 2, dayMs)]);
      const second = await stage.grant([requests('r', 2, dayMs)]);
      const ends = Promise.all([stage.ledger.settle(first.id, amounts({ nanoUsd: 3 })), stage.ledger.cancel(second.id)]);
      await stage.ledger.close();
      expect(await ends).toEqual(['settled', 'settled']);
      expect(await (await stage.open()).openHolds()).toBe(0);
    });

    it('answer nothing once they are closed, and close twice without complaint', async () => {
      const { id } = await stage.grant([]);
      await stage.ledger.close();
      expect(stage.ledger.healthy()).toBe(false);
      await expect(stage.ledger.reserve(holdOf([]))).rejects.toThrow(StoreError);
      await expect(stage.ledger.settle(id, NOTHING)).rejects.toThrow(StoreError);
      await expect(stage.ledger.cancel(id)).rejects.toThrow(StoreError);
      await expect(stage.ledger.extend([id], 1_000)).rejects.toThrow(StoreError);
      await expect(stage.ledger.reap()).rejects.toThrow(StoreError);
      await expect(stage.ledger.usage([])).rejects.toThrow(StoreError);
      await expect(stage.ledger.spending('', '~')).rejects.toThrow(StoreError);
      await expect(stage.ledger.openHolds()).rejects.toThrow(StoreError);
      await expect(stage.ledger.epoch()).rejects.toThrow(StoreError);
      await stage.ledger.close();
    });
  });

  it('changes nothing once it has lost its memory, before its new epoch was asked for', async () => {
    const first = await stage.ledger.epoch();
    const counters = [requests('r', 1, dayMs)];
    const { id } = await stage.grant(counters);
    await stage.under.loseMemory();
    await expect(stage.ledger.reserve(holdOf(counters))).rejects.toThrow(StoreError);
    await expect(stage.ledger.settle(id, NOTHING)).rejects.toThrow(StoreError);
    await expect(stage.ledger.reserve(holdOf([]))).rejects.toThrow(StoreError);
    expect(await stage.ledger.epoch()).not.toBe(first);
  });

  it('does not mistake a store without its memory for an empty one when it is opened', async () => {
    const first = await stage.ledger.epoch();
    await stage.ledger.close();
    await stage.under.loseMemory();
    const again = await stage.open();
    expect(await again.epoch()).not.toBe(first);
  });
}

const budgetsOf = (team: string, client: string): readonly Counter[] => [
  budget('all', 1e12),
  budget(`team ${team}`, 1e12),
  budget(`client ${client}`, 1e12),
];
