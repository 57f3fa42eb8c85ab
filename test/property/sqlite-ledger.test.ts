import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqliteLedger, type SqliteLedger } from '../../src/adapters/sqlite/ledger-store.ts';
import type { Ledger, Spending } from '../../src/ports/ledger.ts';
import { openMemoryLedger } from '../support/memory-ledger.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { askOne, countersOf, programs, restMs, type Program } from './ledger-program.ts';

const startMs = 1_795_262_400_777;
const waitMs = 20_000;

/** A step of a program, and which of the open stores it is asked of. */
interface Turns {
  readonly program: Program;
  readonly turns: readonly number[];
  /** The store that is closed before a step, and opened again. */
  readonly reopened: readonly number[];
}

/** Stores of one file, which bring the tables to the present after so many changes. */
const CASES: readonly (readonly [name: string, foldAfter: readonly (number | undefined)[]])[] = [
  ['as it is opened', [undefined]],
  ['that folds in each transaction', [1]],
  ['that folds often, and two more on the same file', [7, 20, 3]],
  ['that seldom folds, and one more on the same file that always does', [100, 1]],
];

describe.each(CASES)('SQLite and the pure ledger: a store %s', (_name, foldAfter) => {
  const directory = makeTempDir();
  const clock = new SharedArrayBuffer(8);
  const time = new BigInt64Array(clock);
  const memory = openMemoryLedger(startMs);
  const reference = memory.open();
  let stores: SqliteLedger[] = [];

  const openOne = (number: number): Promise<SqliteLedger> => {
    const after = foldAfter[number];
    return openSqliteLedger({
      path: directory.file('ledger.db'),
      clock,
      reserveWaitMs: waitMs,
      settleWaitMs: waitMs,
      readWaitMs: waitMs,
      ...(after !== undefined && { foldAfter: after }),
    });
  };
  const at = (turn: number): SqliteLedger => stores[turn % stores.length] ?? missing();

  beforeAll(async () => {
    Atomics.store(time, 0, BigInt(startMs));
    for (const number of foldAfter.keys()) {
      stores.push(await openOne(number));
    }
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    directory.remove();
  });

  const advance = (ms: number): void => {
    memory.advance(ms);
    Atomics.store(time, 0, BigInt(memory.nowMs()));
  };
  const reopen = async (turn: number): Promise<void> => {
    await at(turn).close();
    stores[turn % stores.length] = await openOne(turn % stores.length);
  };
  /** Everything of one step is asked of one store at once, so that transactions of many changes are compared too. */
  const compare = async ({ program, turns, reopened }: Turns, name: string): Promise<void> => {
    const beganAtMs = memory.nowMs();
    const counters = countersOf(name, beganAtMs);
    for (const [number, step] of program.entries()) {
      advance(step.advanceMs);
      if (reopened.includes(number)) {
        await reopen(number);
      }
      const turn = turns[number] ?? 0;
      const answers = await Promise.all(step.questions.map((asked) => askOne(at(turn), asked, name, beganAtMs)));
      const expected: unknown[] = [];
      for (const asked of step.questions) {
        expected.push(await askOne(reference, asked, name, beganAtMs));
      }
      expect(answers).toEqual(expected);
      await expectAlike(at(turn + 1), reference, counters);
    }
    for (const store of stores) {
      await expectAlike(store, reference, counters);
      expect(sorted(await store.spending('', '~'))).toEqual(sorted(await reference.spending('', '~')));
    }
  };

  it('Q1, Q12, Q16, Q17: answers alike to every random program', async () => {
    let programsRun = 0;
    const turn = fc.array(fc.nat(stores.length - 1), { minLength: 12, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        fc.record({ program: programs, turns: turn, reopened: fc.uniqueArray(fc.nat(40), { maxLength: 4 }) }),
        async (turns) => {
          programsRun += 1;
          await compare(turns, `${String(programsRun)}|`);
        },
      ),
      { numRuns: 100 },
    );
    advance(restMs);
    expect(await at(0).reap()).toBe(await reference.reap());
    expect(await at(0).openHolds()).toBe(0);
  });
});

async function expectAlike(store: Ledger, reference: Ledger, counters: ReturnType<typeof countersOf>): Promise<void> {
  expect(await store.usage(counters)).toEqual(await reference.usage(counters));
  expect(await store.openHolds()).toBe(await reference.openHolds());
}

function missing(): never {
  throw new Error('the stores are opened before each test');
}

/** The same lines in the same order, whatever order their members and they themselves came in. */
const sorted = (lines: readonly Spending[]): readonly string[] =>
  lines
    .map((line) => [line.day, line.team, line.client, line.key, line.user, line.model, line.requests, line.tokens, line.nanoUsd].join(' '))
    .toSorted();
