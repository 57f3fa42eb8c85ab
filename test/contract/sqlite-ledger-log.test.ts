import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteLedger, type SqliteLedger, type SqliteLedgerOptions } from '../../src/adapters/sqlite/ledger-store.ts';
import { NOTHING } from '../../src/core/limit.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import { amounts, budget, concurrent, holdOf, hourMs, requests } from '../support/holds.ts';
import { startProcess, type RunningProcess } from '../support/process.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { until } from '../support/wait.ts';
import { meddle, openClock, rows, startMs, waits } from './ledger-files.ts';

const writerFile = fileURLToPath(new URL('./ledger-writer.ts', import.meta.url));

const spendingProcess = (path: string, foldAfter: number): Promise<RunningProcess> =>
  startProcess(process.execPath, [writerFile, 'spend', path, String(foldAfter)], { name: 'a process that spends' });

/** What a process was told, in the words of `ledger-writer.ts`. */
function toldTo(processes: readonly RunningProcess[], word: 'held' | 'settled'): readonly string[] {
  // The last line may be half of one.
  const lines = processes.flatMap((each) => each.stdout().split('\n').slice(0, -1));
  return lines.filter((line) => line.startsWith(word)).map((line) => line.slice(word.length + 1));
}

const QUESTIONS: readonly (readonly [name: string, ask: (ledger: Ledger) => Promise<unknown>])[] = [
  ['reserve', (ledger) => ledger.reserve(holdOf([]))],
  ['settle', (ledger) => ledger.settle('x', NOTHING)],
  ['cancel', (ledger) => ledger.cancel('x')],
  ['extend', (ledger) => ledger.extend(['x'], 1_000)],
  ['reap', (ledger) => ledger.reap()],
  ['usage', (ledger) => ledger.usage([requests('r', 9)])],
  ['spending', (ledger) => ledger.spending('', '~')],
  ['open holds', (ledger) => ledger.openHolds()],
];

describe('the log of the SQLite ledger', () => {
  let directory: TempDir;
  let path: string;
  let clock: ReturnType<typeof openClock>;
  let opened: SqliteLedger[];

  const open = async (options: Partial<SqliteLedgerOptions> = {}): Promise<SqliteLedger> => {
    const ledger = await openSqliteLedger({ path, clock: clock.shared, ...waits, ...options });
    opened.push(ledger);
    return ledger;
  };

  beforeEach(() => {
    directory = makeTempDir();
    path = directory.file('ledger.db');
    clock = openClock();
    opened = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map((ledger) => ledger.close()));
    directory.remove();
  });

  it.each([
    ['is no list', `UPDATE changes SET effects = 'nonsense' WHERE number = 2`],
    ['is empty', `UPDATE changes SET effects = '' WHERE number = 2`],
    ['has a part less', `UPDATE changes SET effects = '[[],[],[]]' WHERE number = 2`],
    ['has a part more', `UPDATE changes SET effects = '[[],[],[],[],[]]' WHERE number = 2`],
    ['has a counter that is not readable', `UPDATE changes SET effects = '[[["r",1,0]],[],[],[[]]]' WHERE number = 2`],
    ['has a counter of another kind than before', `UPDATE changes SET effects = '[[["c",1,0,5,5,1]],[],[],[]]' WHERE number = 2`],
    ['has a hold that is not readable', `UPDATE changes SET effects = '[[],[["x",0,1]],[],[]]' WHERE number = 2`],
    ['has half a hold that is over', `UPDATE changes SET effects = '[[],[],["x"],[]]' WHERE number = 2`],
    ['has a time that is none', `UPDATE changes SET at_ms = -1 WHERE number = 2`],
    ['is missing', `DELETE FROM changes WHERE number = 2`],
  ])('with a row that %s answers nothing, and everything once it is as it was', async (_name, sql) => {
    const writer = await open();
    for (let number = 0; number < 3; number += 1) {
      await writer.reserve(holdOf([requests('r', 9), concurrent('c', 9)]));
    }
    const database = new DatabaseSync(path);
    const row = database.prepare('SELECT * FROM changes WHERE number = 2').get();
    meddle(path, sql);
    const late = await open();
    for (const [name, ask] of QUESTIONS) {
      await expect(ask(late), name).rejects.toMatchObject({ name: 'StoreError', code: 'bad_reply' });
    }
    database
      .prepare('INSERT OR REPLACE INTO changes (number, at_ms, effects) VALUES (2, ?, ?)')
      .run(Number(row?.['at_ms']), String(row?.['effects']));
    database.close();
    expect(await late.usage([requests('r', 9), concurrent('c', 9)])).toEqual([
      { used: 3, pending: 0 },
      { used: 3, pending: 0 },
    ]);
    expect(await late.openHolds()).toBe(3);
  });

  it('that has lost the row of its time answers nothing', async () => {
    await (await open()).close();
    meddle(path, 'DELETE FROM ledger');
    await expect(open()).rejects.toMatchObject({ name: 'StoreError', code: 'bad_reply' });
  });

  it('does not grow with what is counted', async () => {
    const ledger = await open({ foldAfter: 30 });
    for (let number = 0; number < 100; number += 1) {
      const hold = holdOf([requests('r', 999)]);
      await ledger.reserve(hold);
      await ledger.settle(hold.id, hold.amounts);
      expect(rows(path, 'changes')).toBeLessThanOrEqual(61);
    }
    expect(await ledger.usage([requests('r', 999)])).toEqual([{ used: 100, pending: 0 }]);
  });

  it('is in the tables once the file is closed', async () => {
    const ledger = await open();
    const [first, second] = [holdOf([requests('r', 9)]), holdOf([requests('r', 9)])];
    await ledger.reserve(first);
    await ledger.reserve(second);
    await ledger.settle(first.id, first.amounts);
    expect([rows(path, 'counters'), rows(path, 'held'), rows(path, 'ended'), rows(path, 'spending')]).toEqual([0, 0, 0, 0]);
    await ledger.close();
    expect([rows(path, 'counters'), rows(path, 'held'), rows(path, 'ended'), rows(path, 'spending')]).toEqual([1, 1, 1, 1]);
  });

  it('has the time of what was refused: a process that comes later is not earlier', async () => {
    const ledger = await open();
    await ledger.reserve(holdOf([concurrent('c', 1)], { leaseMs: 9 * hourMs }));
    clock.moveBy(hourMs);
    expect(await ledger.reserve(holdOf([concurrent('c', 1)]))).toMatchObject({ kind: 'refused', atMs: startMs + hourMs });
    clock.moveBy(-hourMs);
    const other = await open();
    expect(await other.reserve(holdOf([]))).toEqual({ kind: 'granted', atMs: startMs + hourMs });
  });

  it('is read anew by a process that has missed some of it, or knows what the file does not', async () => {
    const counter = requests('r', 99);
    const [idle, busy] = [await open(), await open({ foldAfter: 1 })];
    await idle.reserve(holdOf([counter]));
    const copy = directory.file('copy.db');
    meddle(path, `VACUUM INTO '${copy}'`);
    for (let number = 0; number < 5; number += 1) {
      await busy.reserve(holdOf([counter]));
    }
    expect(await idle.usage([counter])).toEqual([{ used: 6, pending: 0 }]);
    expect(await idle.reserve(holdOf([counter]))).toMatchObject({ kind: 'granted' });
    // As another program would that puts an older state into the same file.
    meddle(
      path,
      `ATTACH '${copy}' AS copy; BEGIN;
       ${['changes', 'counters', 'held', 'ended', 'ledger'].map((table) => `DELETE FROM ${table}; INSERT INTO ${table} SELECT * FROM copy.${table};`).join('\n')}
       COMMIT`,
    );
    expect(await idle.usage([counter])).toEqual([{ used: 1, pending: 0 }]);
    expect(await busy.openHolds()).toBe(1);
  });

  it('Q1, Q2, I4: of several processes that fold often, of which one after the other is killed, has what each was told, and nothing twice', async () => {
    const writers = [await spendingProcess(path, 3), await spendingProcess(path, 40)];
    const ledger = await openSqliteLedger({ path, foldAfter: 1, ...waits });
    for (const writer of writers) {
      const before = toldTo([writer], 'settled').length;
      await until(() => toldTo([writer], 'settled').length > before + 150, { deadlineMs: 40_000, what: 'some holds' });
      await writer.stop('SIGKILL');
      const own = holdOf([concurrent('c', 1_000), budget('b', 1e12)], { amounts: amounts({ nanoUsd: 10 }) });
      expect(await ledger.reserve(own)).toMatchObject({ kind: 'granted' });
      expect(await ledger.settle(own.id, NOTHING)).toBe('settled');
    }
    const settled = toldTo(writers, 'settled');
    const held = toldTo(writers, 'held').filter((id) => !settled.includes(id));
    const [, money] = await ledger.usage([concurrent('c', 1), budget('b', 1)]);
    // Each of them had eight under way.
    expect(money?.used).toBeGreaterThanOrEqual(3 * settled.length);
    expect(money?.used).toBeLessThanOrEqual(3 * settled.length + 2 * 8 * 10);
    expect(new Set(await Promise.all(settled.map((id) => ledger.settle(id, NOTHING))))).toEqual(new Set(['ended']));
    expect(await Promise.all(held.map((id) => ledger.settle(id, amounts({ nanoUsd: 3 }))))).not.toContain('unknown');
    await ledger.close();

    clock.moveBy(Date.now() - startMs + hourMs);
    const later = await open();
    await later.reap();
    const [places, total] = await later.usage([concurrent('c', 1), budget('b', 1)]);
    expect(places).toEqual({ used: 0, pending: 0 });
    expect((await later.spending('', '~')).map(({ nanoUsd }) => nanoUsd)).toEqual([total?.used]);
  });
});
