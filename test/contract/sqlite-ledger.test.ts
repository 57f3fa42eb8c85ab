import { renameSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LedgerAnswer, LedgerQuestion } from '../../src/adapters/sqlite/ledger-protocol.ts';
import { connectLedger, openSqliteLedger, type SqliteLedger } from '../../src/adapters/sqlite/ledger-store.ts';
import { startThread, type Thread } from '../../src/adapters/sqlite/thread.ts';
import { NOTHING } from '../../src/core/limit.ts';
import { account, amounts, budget, concurrent, dayMs, holdOf, hourMs, requests } from '../support/holds.ts';
import { startProcess, type RunningProcess } from '../support/process.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { until } from '../support/wait.ts';
import { meddle, openClock, recoveryMs, removeStore, rows, startMs, waits } from './ledger-files.ts';
import { describeLedger } from './ledger.contract.ts';
import { askAll } from './ledger-stage.ts';

const writerFile = fileURLToPath(new URL('./ledger-writer.ts', import.meta.url));

const anotherProcess = (...args: string[]): Promise<RunningProcess> =>
  startProcess(process.execPath, [writerFile, ...args], { name: 'another process' });

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
      const told = (word: string): readonly string[] =>
        lines.filter((line) => line.startsWith(word)).map((line) => line.slice(word.length + 1));
      const settled = new Set(told('settled'));
      const held = told('held').filter((id) => !settled.has(id));

      const reader = await openSqliteLedger({ path: shared, ...waits });
      const askEach = (ids: readonly string[]): Promise<readonly string[]> => Promise.all(ids.map((id) => reader.settle(id, NOTHING)));
      expect(new Set(await askEach([...settled]))).toEqual(new Set(['ended']));
      expect(await askEach(held)).not.toContain('unknown');
      await reader.close();

      clock.moveBy(Date.now() - startMs + hourMs);
      const later = await openSqliteLedger({ path: shared, clock: clock.shared, ...waits });
      expect(await later.reap()).toBeLessThanOrEqual(8);
      expect(await later.openHolds()).toBe(0);
      const [places, money] = await later.usage([concurrent('c', 1), budget('b', 1)]);
      expect(places).toEqual({ used: 0, pending: 0 });
      expect(money?.pending).toBe(0);
      expect(money?.used).toBeGreaterThanOrEqual(3 * settled.size);
      expect((await later.spending('', '~')).map(({ nanoUsd }) => nanoUsd)).toEqual([money?.used]);
      await later.close();
    });
  });

  describe('while another connection writes', () => {
    let holder: DatabaseSync;

    beforeEach(() => {
      holder = new DatabaseSync(path);
      holder.exec('BEGIN IMMEDIATE');
    });
    afterEach(() => {
      holder.close();
    });

    it('says locked within 50 ms, and has counted nothing', async () => {
      const hasty = await openSqliteLedger({ path });
      // The first timer of a thread is late; what counts is how soon an answer is there from then on.
      await expect(hasty.reserve(holdOf([requests('r', 9)]))).rejects.toMatchObject({ name: 'StoreError' });
      const askedAtMs = performance.now();
      await expect(hasty.reserve(holdOf([requests('r', 9)]))).rejects.toMatchObject({ name: 'StoreError' });
      expect(performance.now() - askedAtMs).toBeLessThan(500);
      holder.exec('ROLLBACK');
      expect(await used()).toBe(0);
      await hasty.close();
    });

    it('names the lock where there is time to find out', async () => {
      const patient = await openSqliteLedger({ path, reserveWaitMs: 500 });
      await expect(patient.reserve(holdOf([]))).rejects.toMatchObject({ name: 'StoreError', code: 'locked' });
      await patient.close();
    });

    it('goes on as soon as the other is done, and reads meanwhile', async () => {
      const waiting = ledger.reserve(holdOf([requests('r', 9)]));
      expect(await used()).toBe(0);
      expect(await ledger.openHolds()).toBe(0);
      holder.exec('COMMIT');
      expect(await waiting).toMatchObject({ kind: 'granted' });
    });

    it('refuses the question beyond its queue, and answers all others', async () => {
      const small = await openSqliteLedger({ path, unansweredMax: 10, ...waits });
      const asked = Promise.allSettled(Array.from({ length: 25 }, () => small.reserve(holdOf([requests('r', 99)]))));
      await expect(small.reserve(holdOf([]))).rejects.toMatchObject({ name: 'StoreError', code: 'timeout' });
      holder.exec('ROLLBACK');
      expect((await asked).filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
      expect(await used(requests('r', 99))).toBe(10);
      await small.close();
    });

    it('gives up on what is waiting when it is closed', async () => {
      const waiting = ledger.reserve(holdOf([]));
      const failed = expect(waiting).rejects.toMatchObject({ name: 'StoreError', code: 'unreachable' });
      await ledger.close();
      await failed;
    });
  });

  describe('when its thread', () => {
    it('is stalled: gives up on time, and what nobody waits for any more is never counted', async () => {
      const hasty = await openSqliteLedger({ path, ...waits, reserveWaitMs: 50 });
      const copy = directory.file('copy.db');
      meddle(path, `VACUUM INTO '${copy}'`);
      const holder = new DatabaseSync(copy);
      holder.exec('BEGIN EXCLUSIVE');
      removeStore(path);
      renameSync(copy, path);
      // The thread blocks in SQLite while it opens a file that another connection keeps.
      const asked = await Promise.allSettled(Array.from({ length: 20 }, () => hasty.reserve(holdOf([requests('r', 99)]))));
      expect(asked.map((result) => (result.status === 'rejected' ? String(result.reason) : 'granted'))).not.toContain('granted');
      await until(() => !hasty.healthy(), { deadlineMs: recoveryMs, what: 'the ledger to be unhealthy' });
      holder.exec('ROLLBACK');
      holder.close();
      await until(() => hasty.healthy(), { deadlineMs: recoveryMs, what: 'the thread to go on' });
      expect(await used(requests('r', 99))).toBe(0);
      await hasty.close();
    });

    it('is killed: fails what is under way, and starts another that counts on', async () => {
      const threads: Thread<LedgerQuestion, LedgerAnswer>[] = [];
      const workerData = { path, clock: clock.shared };
      const settings = {
        file: new URL('../../src/adapters/sqlite/ledger-worker.ts', import.meta.url),
        name: 'ledger under test',
        workerData,
        unansweredMax: 100,
      };
      const start = (): Thread<LedgerQuestion, LedgerAnswer> => {
        const thread = startThread<LedgerQuestion, LedgerAnswer>(settings);
        threads.push(thread);
        return thread;
      };
      const fragile = await connectLedger(start, waits);
      const hold = holdOf([requests('r', 9)]);
      await fragile.reserve(hold);
      const holder = new DatabaseSync(path);
      holder.exec('BEGIN IMMEDIATE');
      const lost = expect(fragile.reserve(holdOf([requests('r', 9)]))).rejects.toMatchObject({ name: 'StoreError', code: 'unreachable' });
      await fragile.openHolds();
      await threads[0]?.stop();
      await lost;
      holder.close();
      await until(
        () =>
          fragile.reserve(hold).then(
            (answer) => answer.kind === 'granted',
            () => false,
          ),
        {
          deadlineMs: recoveryMs,
          what: 'another thread',
        },
      );
      expect(await used()).toBe(1);
      expect(threads.length).toBeGreaterThan(1);
      await fragile.close();
    });

    it('is all that is left of a process, does not keep it', async () => {
      const adapter = new URL('../../src/adapters/sqlite/ledger-store.ts', import.meta.url).href;
      const program = `const { openSqliteLedger } = await import('${adapter}'); await openSqliteLedger({ path: '${path}' });`;
      const other = await startProcess(process.execPath, ['--input-type=module', '--eval', program], { name: 'a process that just ends' });
      const exit = await until(() => other.exit(), { deadlineMs: 20_000, what: 'the process to end' });
      expect(exit.code).toBe(0);
    });
  });

  describe('time', () => {
    it('never goes back, neither for a running process nor for one that opens the file later', async () => {
      const counter = requests('r', 1);
      await ledger.reserve(holdOf([counter]));
      clock.moveBy(-hourMs);
      expect(await ledger.reserve(holdOf([counter]))).toMatchObject({ kind: 'refused', atMs: startMs });
      const other = await openSqliteLedger({ path, clock: clock.shared, ...waits });
      expect(await other.reserve(holdOf([]))).toEqual({ kind: 'granted', atMs: startMs });
      await other.close();
      clock.moveBy(hourMs + 1);
      expect(await ledger.reserve(holdOf([]))).toEqual({ kind: 'granted', atMs: startMs + 1 });
    });

    it('is the machine’s where no test says otherwise', async () => {
      const real = await openSqliteLedger({ path: directory.file('real.db'), ...waits });
      const beforeMs = Date.now();
      const answer = await real.reserve(holdOf([]));
      expect('atMs' in answer && beforeMs <= answer.atMs && answer.atMs <= Date.now()).toBe(true);
      await real.close();
    });
  });

  describe('forgets with each reaping', () => {
    it('Q10: ended holds and empty counters, a few hundred at a time, until the file has only what counts', async () => {
      const holds = Array.from({ length: 1_300 }, (_, number) =>
        holdOf([requests(`r${String(number)}`, 9), budget('b', 1e9)], { amounts: amounts({ requests: 1, nanoUsd: 1 }), leaseMs: dayMs }),
      );
      await Promise.all(holds.map((hold) => ledger.reserve(hold)));
      await Promise.all(holds.slice(1).map(({ id, amounts: held }) => ledger.settle(id, held)));
      await ledger.reap();
      await until(() => rows(path, 'ended') === 1_299, { deadlineMs: recoveryMs, what: 'the tables to be brought to the present' });
      expect([rows(path, 'held'), rows(path, 'counters'), rows(path, 'spending')]).toEqual([1, 1_301, 1]);
      clock.moveBy(2 * hourMs);
      await ledger.reap();
      await until(() => rows(path, 'ended') === 0, { deadlineMs: recoveryMs, what: 'the ended holds to go' });
      // Counters are gone through 500 a call, holds 500 a transaction.
      await askAll(3, () => ledger.reap());
      await until(() => rows(path, 'counters') === 1, { deadlineMs: recoveryMs, what: 'the empty counters to go' });
      expect(rows(path, 'held')).toBe(1);
      expect(await used(budget('b', 1))).toBe(1_300);
      expect(await ledger.openHolds()).toBe(1);
    });

    it('lines of the statement that are older than 400 days', async () => {
      const days = [0, 1, 401].map((number) => ({
        id: new Date(startMs + number * dayMs).toISOString().slice(0, 10),
        fromMs: startMs + number * dayMs,
        toMs: startMs + (number + 1) * dayMs,
      }));
      for (const moveMs of [0, dayMs, 400 * dayMs]) {
        clock.moveBy(moveMs);
        const hold = holdOf([], { days });
        await ledger.reserve(hold);
        await ledger.settle(hold.id, amounts({ nanoUsd: 1 }));
      }
      await ledger.reap();
      await until(() => rows(path, 'spending') === 2, { deadlineMs: recoveryMs, what: 'the old line to go' });
      expect(await ledger.spending('', '~')).toEqual(
        days.slice(1).map(({ id }) => ({ day: id, ...account, requests: 0, tokens: 0, nanoUsd: 1 })),
      );
    });
  });
});
