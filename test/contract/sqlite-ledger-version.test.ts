import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteLedger } from '../../src/adapters/sqlite/ledger-store.ts';
import { NOTHING } from '../../src/core/limit.ts';
import { account, amounts, budget, concurrent, dayMs, holdOf, hourMs, tokens } from '../support/holds.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { openClock, startMs, waits } from './ledger-files.ts';

const bucket = Math.floor((startMs * 60) / hourMs);
const names = JSON.stringify([account.team, account.client, account.key, account.user, account.model]);
const places = JSON.stringify([
  ['tokens', 't', hourMs, bucket],
  ['concurrent', 'c'],
  ['budget', 'b|always', Number.MAX_SAFE_INTEGER],
]);
const ids = {
  open: '0d1f7a52-5d57-4a7c-9a55-0a3c0b6f0001',
  late: 'f3c95b1e-0b8c-4a36-8b1a-6f1d2c9a0002',
  expired: '7e2f0a96-93d5-4f1d-a2f4-0a6d5c3b0003',
  settled: 'a95f3f1c-8c0e-4c25-b7bb-1c2d3e4f0004',
  cancelled: '3b0c1d2e-4f5a-4b6c-8d7e-9f0a1b2c0005',
  forgotten: '5c6d7e8f-9a0b-4c1d-8e2f-3a4b5c6d0006',
};
const epoch = '0123456789abcdef0123456789abcdef';
const latestMs = startMs + 5_000;

/** A file as version 2 made it, with everything that can be in one. */
const versionTwo = `
  CREATE TABLE ledger (only INTEGER PRIMARY KEY CHECK (only = 1), epoch TEXT NOT NULL, latest_ms INTEGER NOT NULL) STRICT;
  CREATE TABLE counters (key TEXT PRIMARY KEY NOT NULL, state TEXT NOT NULL, forget_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE holds (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, status INTEGER NOT NULL, at_ms INTEGER NOT NULL, lease_ends_ms INTEGER NOT NULL,
    forget_ms INTEGER NOT NULL, requests INTEGER NOT NULL, tokens INTEGER NOT NULL, nano_usd INTEGER NOT NULL, day TEXT NOT NULL,
    account TEXT NOT NULL, places TEXT NOT NULL
  ) STRICT;
  CREATE INDEX open_holds ON holds (lease_ends_ms) WHERE status = 0;
  CREATE INDEX ended_holds ON holds (forget_ms) WHERE status <> 0;
  CREATE TABLE spending (
    day TEXT NOT NULL, team TEXT NOT NULL, client TEXT NOT NULL, key TEXT NOT NULL, user TEXT NOT NULL, model TEXT NOT NULL,
    requests INTEGER NOT NULL, tokens INTEGER NOT NULL, nano_usd INTEGER NOT NULL, PRIMARY KEY (day, team, client, key, user, model)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE notes (name TEXT PRIMARY KEY NOT NULL, text TEXT NOT NULL) STRICT;
  INSERT INTO ledger VALUES (1, '${epoch}', ${latestMs});
  INSERT INTO counters VALUES
    ('t', '[0,${bucket - 1},7,${bucket},40]', ${startMs + hourMs}), ('c', '[1,2]', ${Number.MAX_SAFE_INTEGER}),
    ('b|always', '[2,105,20]', 9007202710740991);
  INSERT INTO holds VALUES
    (1, '${ids.open}', 0, ${startMs}, ${startMs + hourMs}, ${startMs + dayMs}, 1, 10, 10, 'always', '${names}', '${places}'),
    (2, '${ids.late}', 0, ${startMs}, ${startMs + 6_000}, ${startMs + dayMs}, 1, 10, 10, 'always', '${names}', '${places}'),
    (3, '${ids.expired}', 1, ${startMs}, ${startMs}, ${startMs + dayMs}, 1, 20, 100, 'always', '${names}', '${places}'),
    (4, '${ids.settled}', 2, ${startMs}, ${startMs}, ${startMs + 600_000}, 1, 7, 5, 'always', '${names}', '[]'),
    (5, '${ids.cancelled}', 3, ${startMs}, ${startMs}, ${startMs + 600_000}, 0, 0, 0, '', '["","","","",""]', '[]'),
    (6, '${ids.forgotten}', 2, 0, 0, ${startMs}, 0, 0, 0, 'always', '${names}', '[]');
  INSERT INTO spending VALUES ('always', '${account.team}', '${account.client}', '${account.key}', '${account.user}', '${account.model}', 2, 27, 105);
  INSERT INTO notes VALUES ('accepted', 'by an operator');
  PRAGMA application_id = 0x5350524c; PRAGMA user_version = 2`;

const counters = [tokens('t', 100), concurrent('c', 100), budget('b', 1_000)];

describe('a SQLite ledger of the version before', () => {
  let directory: TempDir;
  let path: string;
  let clock: ReturnType<typeof openClock>;

  beforeEach(() => {
    directory = makeTempDir();
    path = directory.file('ledger.db');
    clock = openClock();
    const database = new DatabaseSync(path);
    database.exec(versionTwo);
    database.close();
  });
  afterEach(() => {
    directory.remove();
  });

  it('keeps its name, its time, counters, holds, statement and notes', async () => {
    const ledger = await openSqliteLedger({ path, clock: clock.shared, ...waits });
    expect(await ledger.epoch()).toBe(epoch);
    expect(await ledger.look()).toMatchObject({ latestMs, nowMs: latestMs, notes: new Map([['accepted', 'by an operator']]) });
    expect(await ledger.usage(counters)).toEqual([
      { used: 47, pending: 0 },
      { used: 2, pending: 0 },
      { used: 125, pending: 20 },
    ]);
    expect(await ledger.openHolds()).toBe(2);
    expect(await ledger.spending('', '~')).toEqual([{ day: 'always', ...account, requests: 2, tokens: 27, nanoUsd: 105 }]);
    await ledger.close();
  });

  it('goes on with its holds, whatever ids they have, and also once it was closed', async () => {
    const ledger = await openSqliteLedger({ path, clock: clock.shared, ...waits });
    const again = (id: string) => holdOf([counters[0] ?? missing()], { id });
    expect(await ledger.reserve(again(ids.open))).toEqual({ kind: 'granted', atMs: startMs });
    expect(await ledger.reserve(again(ids.settled))).toEqual({ kind: 'ended' });
    expect(await ledger.reserve(again(ids.cancelled))).toEqual({ kind: 'ended' });
    expect(await ledger.settle(ids.settled, NOTHING)).toBe('ended');
    expect(await ledger.settle(ids.forgotten, NOTHING)).toBe('unknown');
    expect(await ledger.settle(ids.open, amounts({ requests: 1, tokens: 3, nanoUsd: 4 }))).toBe('settled');
    expect(await ledger.settle(ids.expired, amounts({ requests: 1, tokens: 1, nanoUsd: 1 }))).toBe('settled');
    clock.moveBy(6_000);
    expect(await ledger.reap()).toBe(1);
    await ledger.close();

    const later = await openSqliteLedger({ path, clock: clock.shared, ...waits });
    expect(await later.settle(ids.open, NOTHING)).toBe('ended');
    expect(await later.settle(ids.late, amounts({ requests: 1, tokens: 2, nanoUsd: 2 }))).toBe('settled');
    expect(await later.usage(counters)).toEqual([
      { used: 47 - 7 - 19 - 8, pending: 0 },
      { used: 0, pending: 0 },
      { used: 105 + 4 - 99 + 2, pending: 0 },
    ]);
    expect(await later.spending('', '~')).toEqual([{ day: 'always', ...account, requests: 4, tokens: 27 + 3 - 19 + 2, nanoUsd: 12 }]);
    await later.close();
  });

  it('is not counted on by a program of that version which is still running', async () => {
    const before = new DatabaseSync(path);
    const statements = [before.prepare('SELECT * FROM holds WHERE id = ?'), before.prepare('UPDATE holds SET status = 2 WHERE id = ?')];
    await (await openSqliteLedger({ path, ...waits })).close();
    for (const statement of statements) {
      expect(() => statement.all(ids.open)).toThrow('no such table: holds');
    }
    before.close();
  });
});

function missing(): never {
  throw new Error('a counter of the file');
}
