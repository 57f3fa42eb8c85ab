import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOTHING, type Amounts } from '../../src/core/limit.ts';
import { openMemoryLedger } from '../support/memory-ledger.ts';
import { amounts, holdOf, hourMs, tokens } from '../support/holds.ts';
import { openAccounts } from './ledger-accounts.ts';
import { askOne, countersOf, programs, restMs } from './ledger-program.ts';

const startMs = 1_795_262_400_777;

describe('the pure ledger on random programs', () => {
  it('Q1, Q2, Q17: is never over a limit in any true window, period or moment, and adds up', async () => {
    await fc.assert(
      fc.asyncProperty(programs, async (program) => {
        const memory = openMemoryLedger(startMs);
        const ledger = memory.open();
        const accounts = openAccounts(startMs);
        const standing = () => ledger.usage(countersOf('', startMs));
        for (const step of program) {
          memory.advance(step.advanceMs);
          for (const asked of step.questions) {
            const before = await standing();
            const answer = await askOne(ledger, asked, '', startMs);
            accounts.take(asked, answer, memory.nowMs(), { before, after: await standing() });
          }
        }
        memory.advance(restMs);
        await ledger.reap();
        expect(await ledger.openHolds()).toBe(0);
        expect((await standing())[3]).toEqual({ used: 0, pending: 0 });
        expect((await standing()).map(({ pending }) => pending)).toEqual([0, 0, 0, 0, 0, 0]);
        expect(totalOf(await ledger.spending('', '~'))).toEqual(accounts.total());
      }),
      { numRuns: 300 },
    );
  });

  it('tells to the millisecond when there is room', async () => {
    const charges = fc.array(fc.record({ afterMs: fc.nat(hourMs / 2), count: fc.integer({ min: 1, max: 60 }) }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        charges,
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1_000, max: 40 * 24 * hourMs }),
        async (all, count, windowMs) => {
          const memory = openMemoryLedger(startMs);
          const ledger = memory.open();
          const ask = (wanted: number) => ledger.reserve(holdOf([tokens('t', 100, windowMs)], { amounts: amounts({ tokens: wanted }) }));
          for (const charge of all) {
            memory.advance(charge.afterMs);
            await ask(charge.count);
          }
          const answer = await ask(count);
          if (answer.kind === 'refused') {
            const { retryAfterMs = 0 } = answer.shortage;
            memory.advance(retryAfterMs - 1);
            expect(await ask(count)).toMatchObject({ kind: 'refused', shortage: { retryAfterMs: 1 } });
            memory.advance(1);
            expect(await ask(count)).toMatchObject({ kind: 'granted' });
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

const totalOf = (lines: readonly Amounts[]): Amounts =>
  lines.reduce(
    (sum, { requests, tokens: count, nanoUsd }) => ({
      requests: sum.requests + requests,
      tokens: sum.tokens + count,
      nanoUsd: sum.nanoUsd + nanoUsd,
    }),
    NOTHING,
  );
