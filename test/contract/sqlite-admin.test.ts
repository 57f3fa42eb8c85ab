import { renameSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openKeyStore, type KeyStore } from '../../src/adapters/sqlite/key-store.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { describeApprovals, request } from './approvals.contract.ts';
import { keyRecord } from './key-store.contract.ts';
import { describeOperators, operator } from './operators.contract.ts';

/** Far above the default: whether an answer is right must not hang on how busy the machine is. */
const open = (path: string): Promise<KeyStore> => openKeyStore({ path, readWaitMs: 5_000, writeWaitMs: 5_000 });

function start() {
  const directory = makeTempDir();
  const path = directory.file('store.db');
  return {
    open: () => open(path),
    takeAway: () => {
      renameSync(path, `${path}.away`);
      return () => {
        renameSync(`${path}.away`, path);
      };
    },
    dispose: directory.remove,
  };
}

describeApprovals('SQLite', start);
describeOperators('SQLite', start);

/** Runs SQL as another program would, past everything the adapter checks. */
function meddle(path: string, sql: string): void {
  const database = new DatabaseSync(path, { timeout: 1_000 });
  database.exec(sql);
  database.close();
}

describe('the SQLite store of operators and approvals', () => {
  it('is added to a store of the version before, whose keys stay', async () => {
    using directory = makeTempDir();
    const path = directory.file('store.db');
    const before = await open(path);
    await before.create(keyRecord('AAAAAAAAAA'));
    await before.close();
    meddle(path, 'DROP TABLE operators; DROP TABLE approvals; PRAGMA user_version = 1');
    const after = await open(path);
    await after.createOperator(operator('OOOOOOOOOO'));
    await after.requestApproval(request('RRRRRRRRRR'));
    expect(await after.list()).toEqual([keyRecord('AAAAAAAAAA')]);
    expect(await after.listApprovals()).toHaveLength(1);
    await after.close();
  });

  const granted = `granted_at_ms = 1, granted_reason = 'x', expires_at_ms = 9000000000000`;

  it.each([
    ['a grant by whoever asked', `UPDATE approvals SET granted_by = 'ann', ${granted}`],
    ['a grant without an end', `UPDATE approvals SET granted_by = 'bob', granted_at_ms = 1, granted_reason = 'x'`],
    ['a grant of what was denied', `UPDATE approvals SET denied_by = 'bob', granted_by = 'bob', ${granted}`],
    ['a revocation of what was not granted', `UPDATE approvals SET revoked_by = 'bob', revoked_at_ms = 1, revoked_reason = 'x'`],
  ])('does not take %s from anybody, not even past the adapter', async (_name, sql) => {
    using directory = makeTempDir();
    const path = directory.file('store.db');
    const store = await open(path);
    await store.requestApproval(request('RRRRRRRRRR'));
    expect(() => {
      meddle(path, sql);
    }).toThrow('constraint');
    expect(await store.findApproval('RRRRRRRRRR')).toEqual(request('RRRRRRRRRR'));
    await store.close();
  });

  it.each([
    ['subject', `UPDATE approvals SET granted_by = 'bob', ${granted}, subject = 'planet'`],
    ['value', `UPDATE approvals SET granted_by = 'bob', ${granted}, value = ''`],
    ['expires_at_ms', `UPDATE approvals SET granted_by = 'bob', ${granted}; UPDATE approvals SET expires_at_ms = 9007199254740993`],
    ['the table', 'DROP TABLE approvals'],
  ])('approves nothing where %s is not readable, and says so', async (_name, sql) => {
    using directory = makeTempDir();
    const path = directory.file('store.db');
    const store = await open(path);
    await store.requestApproval(request('RRRRRRRRRR'));
    await store.close();
    meddle(path, sql);
    await expect(open(path)).rejects.toMatchObject({ name: 'StoreError' });
  });

  it('X9: keeps no token, only a digest', async () => {
    using directory = makeTempDir();
    const path = directory.file('store.db');
    const store = await open(path);
    await store.createOperator(operator('OOOOOOOOOO'));
    await store.close();
    const database = new DatabaseSync(path);
    const [row] = database.prepare('SELECT * FROM operators').all();
    database.close();
    expect({ ...row }).toEqual({
      id: 'OOOOOOOOOO',
      name: 'ann',
      role: 'approver',
      digest: 'ab'.repeat(32),
      created_at_ms: 1_000,
      expires_at_ms: 9_000_000_000_000,
      revoked_at_ms: null,
    });
  });
});
