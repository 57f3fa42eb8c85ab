import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openKeyStore } from '../../src/adapters/sqlite/key-store.ts';
import type { LedgerAnswer, LedgerQuestion } from '../../src/adapters/sqlite/ledger-protocol.ts';
import { connectLedger, openSqliteLedger, type SqliteLedger } from '../../src/adapters/sqlite/ledger-store.ts';
import { fileBeside, startThread, type Thread } from '../../src/adapters/sqlite/thread.ts';
import { NOTHING } from '../../src/core/limit.ts';
import { account, amounts, budget, concurrent, dayMs, holdOf, hourMs, requests, tokens } from '../support/holds.ts';
import { startProcess, type RunningProcess } from '../support/process.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { until } from '../support/wait.ts';
import { describeLedger } from './ledger.contract.ts';
import { askAll } from './ledger-stage.ts';

const startMs = 1_795_262_400_777;
const recoveryMs = 10_000;

/** Far above the defaults: whether an answer is right must not hang on how busy the machine is. */
const waits = { reserveWaitMs: 20_000, settleWaitMs: 20_000, readWaitMs: 20_000 };
const writerFile = fileURLToPath(new URL('./ledger-writer.ts', import.meta.url));

const anotherProcess = (...args: string[]): Promise<RunningProcess> =>
  startProcess(process.execPath, [writerFile, ...args], { name: 'another process' });

/** Runs SQL as another program would, past everything the adapter checks. */
function meddle(path: string, sql: string): void {
  const database = new DatabaseSync(path, { timeout: 1_000 });
  database.exec(sql);
  database.close();
}

function rows(path: string, table: 'counters' | 'holds' | 'spending'): number {
  const database = new DatabaseSync(path);
  const count = database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.['rows'];
  database.close();
  return Number(count);
}

function removeStore(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(path + suffix, { force: true });
  }
}

/** A machine's clock that tests move. */
function openClock(): { readonly shared: SharedArrayBuffer; readonly moveBy: (ms: number) => void } {
  const shared = new SharedArrayBuffer(8);
  const time = new BigInt64Array(shared);
  Atomics.store(time, 0, BigInt(startMs));
  return { shared, moveBy: (ms) => void Atomics.add(time, 0, BigInt(ms)) };
}

describeLedger('SQLite', () => {
  const directory = makeTempDir();
  const path = directory.file('ledger.db');
  const clock = openClock();
  const open = (): Promise<SqliteLedger> => openSqliteLedger({ path, clock: clock.shared, ...waits });
  return Promise.resolve({
    open,
    advance: (ms) => {
      clock.moveBy(ms);
      return Promise.resolve();
    },
    loseMemory: async () => {
      removeStore(path);
      const other = await open();
      await other.close();
    },
    dispose: () => {
      directory.remove();
      return Promise.resolve();
    },
  });
});

describe('the SQLite ledger', () => {
  let directory: TempDir;
  let path: string;
  let clock: ReturnType<typeof openClock>;
  let ledger: SqliteLedger;

  const used = async (counter = requests('r', 9)): Promise<number | undefined> => (await ledger.usage([counter]))[0]?.used;

  beforeEach(async () => {
    directory = makeTempDir();
    path = directory.file('ledger.db');
    clock = openClock();
    ledger = await openSqliteLedger({ path, clock: clock.shared, ...waits });
  });
  afterEach(async () => {
    await ledger.close();
    directory.remove();
  });

  describe('shared by processes', () => {
    it('Q1, Q9: grants exactly k to three of them that ask at once, into a file none of them has yet made', async () => {
      const shared = directory.file('shared.db');
      const writers = await Promise.all(['a', 'b', 'c'].map(() => anotherProcess('reserve', shared, '700', '333')));
      const exits = await Promise.all(writers.map((writer) => writer.exited));
      expect(exits.map((exit) => exit.code)).toEqual([0, 0, 0]);
      const granted = writers.map((writer) => Number(/^granted (\d+)$/m.exec(writer.stdout())?.[1]));
      expect(granted.reduce((sum, count) => sum + count, 0)).toBe(333);
      const reader = await openSqliteLedger({ path: shared, ...waits });
      const standing = await reader.usage([requests('own', 1), requests('shared', 1), concurrent('places', 1)]);
      expect(standing.map((usage) => usage.used)).toEqual([333, 333, 333]);
      expect(await reader.openHolds()).toBe(333);
      await reader.close();
    });

    it('Q2, I4: knows everything a killed process was told, and ends what it left open', async () => {
      const shared = directory.file('shared.db');
      const writer = await anotherProcess('spend', shared);
      await until(() => writer.stdout().split('\n').length > 400, { deadlineMs: 30_000, what: 'some holds' });
      await writer.stop('SIGKILL');
      const lines = writer.stdout().split('\n').slice(0, -1);
      const idsOf = (word: string): readonly string[] => lines.filter((line) => line.startsWith(word)).map((line) => line.slice(word.length + 1));

      const later = openClock();
      later.moveBy(Date.now() - startMs + hourMs);
      const reader = await openSqliteLedger({ path: shared, clock: later.shared, ...waits });
      const open = await reader.openHolds();
      expect(open).toBeLessThanOrEqual(8);
      expect(await reader.reap()).toBe(open);
      expect(await reader.openHolds()).toBe(0);
      const [places, money] = await reader.usage([concurrent('c', 1), budget('b', 1)]);
      expect(places?.used).toBe(0);
      const [line] = await reader.spending('', '~');
      expect(line?.nanoUsd).toBe(money?.used);
      expect(money?.used).toBeGreaterThanOrEqual(3 * idsOf('settled').length);
      // Ten minutes ago by the clock given: an hour has passed, so what was settled is forgotten, and what was held is not.
      const answers = await Promise.all(idsOf('held').map((id) => reader.settle(id, amounts({ nanoUsd: 3 }))));
      expect(answers.filter((answer) => answer === 'settled')).toHaveLength(
        idsOf('held').filter((id) => !idsOf('settled').includes(id)).length - answers.filter((_, index) => isMissing(index)).length,
      );
      await reader.close();

      function isMissing(index: number): boolean {
        const id = idsOf('held')[index] ?? '';
        return answers[index] !== 'settled' && !idsOf('settled').includes(id);
      }
    });
  });
});
