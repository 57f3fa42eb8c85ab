import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Eventually } from '../../src/core/eventually.ts';
import { openKeyStore, type KeyStore } from '../../src/adapters/sqlite/key-store.ts';
import { StoreError } from '../../src/ports/key-store.ts';
import { startProcess, type RunningProcess } from '../support/process.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { until } from '../support/wait.ts';
import { block, describeKeyStore, keyRecord } from './key-store.contract.ts';

const recoveryMs = 10_000;

/** Far above the default: whether an answer is right must not hang on how busy the machine is. */
const readWaitMs = 5_000;
const writerFile = fileURLToPath(new URL('./sqlite-writer.ts', import.meta.url));

/** Runs SQL as another program would, past everything the adapter checks. */
function meddle(path: string, sql: string): void {
  const database = new DatabaseSync(path, { timeout: 1_000 });
  database.exec(sql);
  database.close();
}

const anotherProcess = (...args: string[]): Promise<RunningProcess> =>
  startProcess(process.execPath, [writerFile, ...args], { name: 'another process' });

function removeStore(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(path + suffix, { force: true });
  }
}

describeKeyStore('SQLite', () => {
  const directory = makeTempDir();
  const path = directory.file('store.db');
  return {
    open: () => openKeyStore({ path, readWaitMs, writeWaitMs: 200 }),
    corrupt: (id) => {
      meddle(path, `UPDATE keys SET models = 'not json' WHERE id = '${id}'`);
    },
    takeAway: () => {
      renameSync(path, `${path}.away`);
      return () => {
        renameSync(`${path}.away`, path);
      };
    },
    dispose: directory.remove,
  };
});

describe('the SQLite store', () => {
  let directory: TempDir;
  let path: string;
  let store: KeyStore;

  beforeEach(async () => {
    directory = makeTempDir();
    path = directory.file('store.db');
    store = await openKeyStore({ path, readWaitMs, writeWaitMs: 50 });
    await store.create(keyRecord('AAAAAAAAAA'));
    await store.block(block());
    await store.blocks();
  });
  afterEach(async () => {
    await store.close();
    directory.remove();
  });

  it('makes its directory 0700 and its files 0600, whatever the umask', async () => {
    const umask = process.umask(0);
    const deep = directory.file('made/deep');
    try {
      const other = await openKeyStore({ path: `${deep}/store.db` });
      expect(statSync(deep).mode & 0o777).toBe(0o700);
      expect(readdirSync(deep).map((name) => [name, statSync(`${deep}/${name}`).mode & 0o777])).toEqual([
        ['store.db', 0o600],
        ['store.db-shm', 0o600],
        ['store.db-wal', 0o600],
      ]);
      await other.close();
    } finally {
      process.umask(umask);
    }
  });

  it.each([
    ['models', `UPDATE keys SET models = 'null ' || '}'`],
    ['operations', `UPDATE keys SET operations = '["everything"]'`],
    ['networks', `UPDATE keys SET networks = '{}'`],
    ['digests', `UPDATE keys SET digests = '[]'`],
    ['client', `UPDATE keys SET client = ''`],
    ['expires_at_ms', 'UPDATE keys SET expires_at_ms = -1'],
    ['the table', 'ALTER TABLE keys RENAME COLUMN models TO model'],
    ['the other table', 'DROP TABLE keys'],
  ])('answers bad_reply where %s is not readable', async (_name, sql) => {
    meddle(path, sql);
    await until(() => failure(() => store.find('AAAAAAAAAA')), { deadlineMs: recoveryMs, what: 'the meddling to show' });
    await expect(store.find('AAAAAAAAAA')).rejects.toMatchObject({ code: 'bad_reply' });
    await expect(store.list()).rejects.toMatchObject({ code: 'bad_reply' });
  });

  it.each([
    ['kind', `UPDATE blocks SET kind = 'planet'`],
    ['abort_streams', 'UPDATE blocks SET abort_streams = 2'],
    ['value', `UPDATE blocks SET value = ''`],
  ])('decides by no block at all where the %s of one is not readable', async (_name, sql) => {
    meddle(path, sql);
    await until(() => failure(() => store.blocks()), { deadlineMs: recoveryMs, what: 'the meddling to show' });
    await expect(store.blocks()).rejects.toMatchObject({ code: 'bad_reply' });
    await expect(store.listBlocks()).rejects.toMatchObject({ code: 'bad_reply' });
    await until(() => !store.healthy(), { deadlineMs: recoveryMs, what: 'the store to be unhealthy' });
  });

  it('says locked within its wait while another connection writes, reads on meanwhile, and then writes again', async () => {
    const holder = new DatabaseSync(path);
    holder.exec('BEGIN EXCLUSIVE');
    const askedAtMs = performance.now();
    await expect(store.block(block({ value: 'other' }))).rejects.toMatchObject({ name: 'StoreError', code: 'locked' });
    expect(performance.now() - askedAtMs).toBeLessThan(1_500);
    expect(await store.find('AAAAAAAAAA')).toBeDefined();
    expect(await store.blocks()).toEqual([block()]);
    holder.exec('ROLLBACK');
    holder.close();
    await store.block(block({ value: 'other' }));
    expect(await store.blocks()).toHaveLength(2);
  });

  it('does not open a file that another connection keeps for itself', async () => {
    const kept = directory.file('kept.db');
    const holder = new DatabaseSync(kept);
    holder.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE t (a)');
    await expect(openKeyStore({ path: kept })).rejects.toMatchObject({ name: 'StoreError', code: 'locked' });
    holder.close();
  });

  it('gives up on its stalled thread after 50 ms, and believes its memory for no more than a second', async () => {
    const hasty = await openKeyStore({ path });
    await hasty.find('AAAAAAAAAA');
    // The thread blocks in SQLite while it opens a file that another connection keeps.
    const copy = directory.file('copy.db');
    meddle(path, `VACUUM INTO '${copy}'`);
    const holder = new DatabaseSync(copy);
    holder.exec('BEGIN EXCLUSIVE');
    removeStore(path);
    renameSync(copy, path);
    const stalledAtMs = performance.now();

    await until(() => !hasty.healthy(), { deadlineMs: recoveryMs, what: 'the memory to lapse' });
    expect(performance.now() - stalledAtMs).toBeLessThan(2_000);
    const askedAtMs = performance.now();
    await expect(hasty.find('AAAAAAAAAA')).rejects.toMatchObject({ name: 'StoreError', code: 'timeout' });
    expect(performance.now() - askedAtMs).toBeLessThan(1_000);
    await expect(hasty.blocks()).rejects.toMatchObject({ name: 'StoreError', code: 'timeout' });

    holder.exec('ROLLBACK');
    holder.close();
    await until(() => hasty.healthy(), { deadlineMs: recoveryMs, what: 'the thread to go on' });
    await until(async () => (await failure(() => hasty.find('AAAAAAAAAA'))) === undefined, { deadlineMs: recoveryMs, what: 'an answer' });
    await hasty.close();
  });

  it('waits for a removed file, never makes one in its place, and takes the restored copy', async () => {
    const copy = directory.file('copy.db');
    meddle(path, `VACUUM INTO '${copy}'`);
    removeStore(path);
    await until(() => failure(() => store.find('AAAAAAAAAA')), { deadlineMs: recoveryMs, what: 'the removal to show' });
    await expect(store.find('AAAAAAAAAA')).rejects.toMatchObject({ code: 'unreachable' });
    await expect(store.block(block({ value: 'other' }))).rejects.toMatchObject({ code: 'unreachable' });
    expect(existsSync(path)).toBe(false);

    renameSync(copy, path);
    await until(() => store.healthy(), { deadlineMs: recoveryMs, what: 'the restored file' });
    expect(await store.find('AAAAAAAAAA')).toEqual(keyRecord('AAAAAAAAAA'));
    expect(await store.blocks()).toEqual([block()]);
  });

  it('sees the keys and blocks of a file put in the place of the old one', async () => {
    const other = directory.file('other.db');
    const maker = await openKeyStore({ path: other });
    await maker.create(keyRecord('BBBBBBBBBB'));
    await maker.close();
    removeStore(path);
    renameSync(other, path);
    await until(
      async () => (await failure(() => store.find('BBBBBBBBBB'))) === undefined && (await store.find('BBBBBBBBBB')) !== undefined,
      {
        deadlineMs: recoveryMs,
        what: 'the new file',
      },
    );
    expect(await store.find('AAAAAAAAAA')).toBeUndefined();
    expect(await store.blocks()).toEqual([]);
    expect(await store.list()).toEqual([keyRecord('BBBBBBBBBB')]);
  });

  it('does not replay the log of the old file into a restored one', async () => {
    const copy = directory.file('copy.db');
    meddle(path, `VACUUM INTO '${copy}'`);
    rmSync(path);
    renameSync(copy, path);
    await until(() => failure(() => store.blocks()), { deadlineMs: recoveryMs, what: 'the replacement to show' });
    const refusal = await failure(() => store.blocks());
    expect(refusal).toMatchObject({ code: 'bad_reply' });
    expect(String(refusal?.cause)).toContain('remove');
    rmSync(`${path}-wal`);
    rmSync(`${path}-shm`);
    await until(() => store.healthy(), { deadlineMs: recoveryMs, what: 'the restored file' });
    expect(await store.blocks()).toEqual([block()]);
  });

  it('does not go on writing into a log that was removed under it', async () => {
    rmSync(`${path}-wal`);
    rmSync(`${path}-shm`);
    await until(async () => (await failure(() => store.block(block({ value: 'other' })))) === undefined, {
      deadlineMs: recoveryMs,
      what: 'the file to be opened again',
    });
    const reader = await openKeyStore({ path, readWaitMs });
    expect(await reader.blocks()).toHaveLength(2);
    await reader.close();
  });

  it('takes an emptied file for an error, never for a store without blocks', async () => {
    removeStore(path);
    writeFileSync(path, '');
    await until(() => failure(() => store.blocks()), { deadlineMs: recoveryMs, what: 'the replacement to show' });
    await expect(store.blocks()).rejects.toMatchObject({ code: 'bad_reply' });
    await expect(store.find('AAAAAAAAAA')).rejects.toMatchObject({ code: 'bad_reply' });
  });

  it('does not begin an empty store beside the log of a lost one', async () => {
    const lost = directory.file('lost.db');
    writeFileSync(`${lost}-wal`, '');
    await expect(openKeyStore({ path: lost })).rejects.toMatchObject({ name: 'StoreError', code: 'unreachable' });
    expect(existsSync(lost)).toBe(false);
  });

  it.each([
    ['of another program', 'CREATE TABLE bookmarks (url TEXT)'],
    ['of another program that numbers its versions', 'PRAGMA user_version = 1'],
    ['of a newer version', 'PRAGMA application_id = 0x53505254; PRAGMA user_version = 99; CREATE TABLE keys (id TEXT)'],
  ])('refuses a file %s and leaves it as it was', async (_name, sql) => {
    const foreign = directory.file('foreign.db');
    meddle(foreign, sql);
    await expect(openKeyStore({ path: foreign })).rejects.toMatchObject({ name: 'StoreError', code: 'bad_reply' });
    const database = new DatabaseSync(foreign);
    expect(database.prepare(`SELECT name FROM sqlite_schema WHERE name = 'blocks'`).all()).toEqual([]);
    database.close();
  });

  it.each([
    ['a file that is no database', (file: string) => writeFileSync(file, 'x'.repeat(4_096)), 'bad_reply'],
    ['a directory', (file: string) => mkdirSync(file), 'unreachable'],
  ])('refuses %s', async (_name, prepare, code) => {
    const file = directory.file('odd');
    prepare(file);
    await expect(openKeyStore({ path: file })).rejects.toMatchObject({ name: 'StoreError', code });
  });

  it('loses no key of three processes that write at once into a store none of them has yet made', async () => {
    const shared = directory.file('shared.db');
    const writers = await Promise.all(['B', 'C', 'D'].map((prefix) => anotherProcess('create', shared, prefix, '200')));
    const exits = await Promise.all(writers.map((writer) => writer.exited));
    expect(exits.map((exit) => exit.code)).toEqual([0, 0, 0]);
    const reader = await openKeyStore({ path: shared });
    expect(await reader.list()).toHaveLength(600);
    await reader.close();
  });

  it.each([
    ['revoked', ['AAAAAAAAAA'], 'revoke', async () => (await store.find('AAAAAAAAAA'))?.revokedAtMs !== undefined],
    ['blocked', [], 'block', async () => (await store.blocks()).some((entry) => entry.atMs === 2_000)],
  ])('acts within 2 s on what another process %s', async (_name, args, command, isSeen) => {
    await store.unblock('client', 'ledger-app');
    await store.blocks();
    await store.find('AAAAAAAAAA');
    const writer = await anotherProcess(command, path, ...args);
    const line = await writer.waitForLine(/^done /, 30_000);
    await until(isSeen, { deadlineMs: recoveryMs, what: 'the change' });
    expect(Date.now() - Number(line.slice(5))).toBeLessThan(2_000);
    expect((await writer.exited).code).toBe(0);
  });

  it('lets a process end that left its store open', async () => {
    const adapter = new URL('../../src/adapters/sqlite/key-store.ts', import.meta.url).href;
    const program = `const { openKeyStore } = await import('${adapter}'); await openKeyStore({ path: '${path}' });`;
    const other = await startProcess(process.execPath, ['--input-type=module', '--eval', program], { name: 'a process that just ends' });
    const exit = await until(() => other.exit(), { deadlineMs: 20_000, what: 'the process to end' });
    expect(exit.code).toBe(0);
  });
});

async function failure(ask: () => Eventually<unknown>): Promise<StoreError | undefined> {
  try {
    await ask();
    return undefined;
  } catch (error) {
    if (error instanceof StoreError) {
      return error;
    }
    throw error;
  }
}
