import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqliteLedger, type SqliteLedger } from '../../src/adapters/sqlite/ledger-store.ts';
import { NOTHING, type Amounts } from '../../src/core/limit.ts';
import type { Spending } from '../../src/ports/ledger.ts';
import { openMemoryLedger } from '../support/memory-ledger.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { amounts, holdOf, hourMs, tokens } from '../support/holds.ts';
import { openAccounts } from './ledger-accounts.ts';
import { askOne, countersOf, programs, restMs, type Program } from './ledger-program.ts';

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

describe('SQLite and the pure ledger', () => {
  const directory = makeTempDir();
  const clock = new SharedArrayBuffer(8);
  const time = new BigInt64Array(clock);
  const memory = openMemoryLedger(startMs);
  const reference = memory.open();
  let store: SqliteLedger;

  beforeAll(async () => {
    Atomics.store(time, 0, BigInt(startMs));
    const waitMs = 20_000;
    store = await openSqliteLedger({
      path: directory.file('ledger.db'),
      clock,
      reserveWaitMs: waitMs,
      settleWaitMs: waitMs,
      readWaitMs: waitMs,
    });
  });
  afterAll(async () => {
    await store.close();
    directory.remove();
  });

  const advance = (ms: number): void => {
    memory.advance(ms);
    Atomics.store(time, 0, BigInt(memory.nowMs()));
  };
  /** Everything of one step is asked of the store at once, so that transactions of many changes are compared too. */
  const compare = async (program: Program, name: string): Promise<void> => {
    const beganAtMs = memory.nowMs();
    for (const step of program) {
      advance(step.advanceMs);
      const answers = await Promise.all(step.questions.map((asked) => askOne(store, asked, name, beganAtMs)));
      const expected: unknown[] = [];
      for (const asked of step.questions) {
        expected.push(await askOne(reference, asked, name, beganAtMs));
      }
      expect(answers).toEqual(expected);
      const counters = countersOf(name, beganAtMs);
      expect(await store.usage(counters)).toEqual(await reference.usage(counters));
      expect(await store.openHolds()).toBe(await reference.openHolds());
    }
    expect(sorted(await store.spending('', '~'))).toEqual(sorted(await reference.spending('', '~')));
  };

  it('Q1, Q12, Q16, Q17: answer alike to every random program', async () => {
    let programsRun = 0;
    await fc.assert(
      fc.asyncProperty(programs, async (program) => {
        programsRun += 1;
        await compare(program, `${String(programsRun)}|`);
      }),
      { numRuns: 150 },
    );
    advance(restMs);
    expect(await store.reap()).toBe(await reference.reap());
    expect(await store.openHolds()).toBe(0);
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

/** The same lines in the same order, whatever order their members and they themselves came in. */
const sorted = (lines: readonly Spending[]): readonly string[] =>
  lines
    .map((line) => [line.day, line.team, line.client, line.key, line.user, line.model, line.requests, line.tokens, line.nanoUsd].join(' '))
    .toSorted();
