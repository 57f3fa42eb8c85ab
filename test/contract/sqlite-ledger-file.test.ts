import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openKeyStore } from '../../src/adapters/sqlite/key-store.ts';
import { openSqliteLedger, type SqliteLedger } from '../../src/adapters/sqlite/ledger-store.ts';
import { NOTHING } from '../../src/core/limit.ts';
import { amounts, budget, holdOf, requests, tokens } from '../support/holds.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { until } from '../support/wait.ts';
import { meddle, openClock, recoveryMs, removeStore, waits } from './ledger-files.ts';

describe('the SQLite ledger', () => {
  let directory: TempDir;
  let path: string;
  let clock: ReturnType<typeof openClock>;
  let ledger: SqliteLedger;

  const used = async (counter = requests('r', 9)): Promise<number | undefined> => (await ledger.usage([counter]))[0]?.used;

  /** What another program does to the file while nobody has it open. */
  const meddleClosed = async (sql: string): Promise<void> => {
    await ledger.close();
    meddle(path, sql);
    ledger = await openSqliteLedger({ path, clock: clock.shared, ...waits });
  };

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

  describe('in a file', () => {
    it('that is gone counts nothing and makes no other, and goes on with the restored one', async () => {
      await ledger.reserve(holdOf([requests('r', 9)]));
      const copy = directory.file('copy.db');
      meddle(path, `VACUUM INTO '${copy}'`);
      removeStore(path);
      await expect(ledger.reserve(holdOf([]))).rejects.toMatchObject({ name: 'StoreError', code: 'unreachable' });
      await expect(ledger.usage([])).rejects.toMatchObject({ name: 'StoreError', code: 'unreachable' });
      await until(() => !ledger.healthy(), { deadlineMs: recoveryMs, what: 'the ledger to be unhealthy' });
      expect(existsSync(path)).toBe(false);
      renameSync(copy, path);
      await until(() => ledger.healthy(), { deadlineMs: recoveryMs, what: 'the restored file' });
      expect(await used()).toBe(1);
      expect(await ledger.reserve(holdOf([requests('r', 1)]))).toMatchObject({ kind: 'refused' });
    });

    it('that has lost its memory is not well and changes nothing until its epoch was asked for', async () => {
      const first = await ledger.epoch();
      const counter = requests('r', 1);
      await ledger.reserve(holdOf([counter]));
      removeStore(path);
      const other = await openSqliteLedger({ path, clock: clock.shared, ...waits });
      await expect(ledger.reserve(holdOf([counter]))).rejects.toMatchObject({ name: 'StoreError', code: 'bad_reply' });
      await expect(ledger.cancel('x')).rejects.toMatchObject({ name: 'StoreError', code: 'bad_reply' });
      await until(() => !ledger.healthy(), { deadlineMs: recoveryMs, what: 'the ledger to be unhealthy' });
      await expect(ledger.reserve(holdOf([counter]))).rejects.toMatchObject({ name: 'StoreError', code: 'bad_reply' });
      expect(await other.openHolds()).toBe(0);
      expect(await ledger.epoch()).not.toBe(first);
      expect(await ledger.reserve(holdOf([counter]))).toMatchObject({ kind: 'granted' });
      await until(() => ledger.healthy(), { deadlineMs: recoveryMs, what: 'the ledger to be healthy again' });
      await other.close();
    });

    it.each([
      ['of another program', 'CREATE TABLE bookmarks (url TEXT)'],
      ['of another program that numbers its versions', 'PRAGMA user_version = 1'],
      ['of a newer version', 'PRAGMA application_id = 0x5350524c; PRAGMA user_version = 99; CREATE TABLE ledger (only INTEGER)'],
    ])('%s is refused, and left as it was', async (_name, sql) => {
      const foreign = directory.file('foreign.db');
      meddle(foreign, sql);
      await expect(openSqliteLedger({ path: foreign })).rejects.toMatchObject({ name: 'StoreError', code: 'bad_reply' });
      const database = new DatabaseSync(foreign);
      expect(database.prepare(`SELECT name FROM sqlite_schema WHERE name = 'held'`).all()).toEqual([]);
      database.close();
    });

    it('of the key store is refused, and so is the ledger’s by the key store', async () => {
      const keys = directory.file('keys.db');
      const store = await openKeyStore({ path: keys });
      await store.close();
      await expect(openSqliteLedger({ path: keys })).rejects.toMatchObject({ name: 'StoreError', code: 'bad_reply' });
      await expect(openKeyStore({ path })).rejects.toMatchObject({ name: 'StoreError', code: 'bad_reply' });
    });

    it.each([
      ['that is no database', (file: string) => writeFileSync(file, 'x'.repeat(4_096)), 'bad_reply'],
      ['that is a directory', (file: string) => mkdirSync(file), 'unreachable'],
    ])('%s is refused', async (_name, prepare, code) => {
      const file = directory.file('odd');
      prepare(file);
      await expect(openSqliteLedger({ path: file })).rejects.toMatchObject({ name: 'StoreError', code });
    });

    it.each([
      ['no list', 'nonsense'],
      ['a member that is no number', '[0, 1, "2"]'],
      ['half a sub-bucket', '[0, 1]'],
      ['sub-buckets out of order', '[0, 2, 1, 1, 1]'],
      ['a negative amount', '[0, 1, -2]'],
      ['an amount that is not exact', '[0, 1, 1e300]'],
      ['another kind of counter', '[1, 0]'],
      ['no kind at all', '[]'],
      ['an unknown kind', '[9, 0, 0]'],
    ])('with a counter of %s grants nothing by it, and everything else of the same transaction', async (_name, state) => {
      await ledger.reserve(holdOf([requests('r', 9)]));
      await meddleClosed(`UPDATE counters SET state = '${state}'`);
      const results = await Promise.allSettled([
        ledger.reserve(holdOf([tokens('t', 9)], { amounts: amounts({ tokens: 1 }) })),
        ledger.reserve(holdOf([tokens('t', 9), requests('r', 9)], { amounts: amounts({ requests: 1, tokens: 1 }) })),
        ledger.reserve(holdOf([tokens('t', 9)], { amounts: amounts({ tokens: 1 }) })),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(await used(tokens('t', 9))).toBe(2);
    });

    it.each([
      ['a status', 'status = 9'],
      ['an account', `account = '["a"]'`],
      ['places', `places = '[["planet", "r"]]'`],
      ['a place', `places = '["requests"]'`],
      ['the time', 'at_ms = -1'],
    ])('with a hold whose %s is not readable settles the others of the same transaction, and none by halves', async (_name, change) => {
      const counters = [tokens('t', 99), budget('b', 99)];
      const broken = holdOf(counters, { amounts: amounts({ tokens: 1, nanoUsd: 2 }) });
      const whole = holdOf(counters, { amounts: amounts({ tokens: 10, nanoUsd: 20 }) });
      await ledger.reserve(broken);
      await ledger.reserve(whole);
      await meddleClosed(`UPDATE held SET ${change} WHERE id = '${broken.id}'`);
      const results = await Promise.allSettled([broken, whole].map(({ id }) => ledger.settle(id, NOTHING)));
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
      expect(await ledger.usage(counters)).toEqual([
        { used: 1, pending: 0 },
        { used: 2, pending: 2 },
      ]);
    });

    it('leaves a settlement undone that meets an unreadable counter half-way', async () => {
      const counters = [tokens('a', 99), tokens('b', 99)];
      const hold = holdOf(counters, { amounts: amounts({ tokens: 5 }) });
      await ledger.reserve(hold);
      await meddleClosed(`UPDATE counters SET state = '?' WHERE key = 'b'`);
      await expect(ledger.settle(hold.id, NOTHING)).rejects.toMatchObject({ name: 'StoreError', code: 'bad_reply' });
      expect(await used(tokens('a', 99))).toBe(5);
      meddle(path, `UPDATE counters SET state = (SELECT state FROM counters WHERE key = 'a') WHERE key = 'b'`);
      expect(await ledger.settle(hold.id, NOTHING)).toBe('settled');
      expect((await ledger.usage(counters)).map((usage) => usage.used)).toEqual([0, 0]);
    });
  });
});
