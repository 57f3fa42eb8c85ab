import type { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../../ports/key-store.ts';

/** `SPRT`: tells our file from another program's (PRAGMA application_id). */
const applicationId = 0x53_50_52_54;

/** Step n brings a file of version n to version n + 1. Steps are never edited, only added. */
const steps: readonly string[] = [
  `CREATE TABLE keys (
     id TEXT PRIMARY KEY NOT NULL,
     environment TEXT NOT NULL,
     name TEXT NOT NULL,
     client TEXT NOT NULL,
     team TEXT,
     tier TEXT,
     user TEXT,
     policy TEXT,
     models TEXT NOT NULL,
     operations TEXT NOT NULL,
     networks TEXT NOT NULL,
     digests TEXT NOT NULL,
     created_at_ms INTEGER NOT NULL,
     expires_at_ms INTEGER,
     revoked_at_ms INTEGER
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE blocks (
     kind TEXT NOT NULL,
     value TEXT NOT NULL,
     reason TEXT NOT NULL,
     at_ms INTEGER NOT NULL,
     abort_streams INTEGER NOT NULL,
     PRIMARY KEY (kind, value)
   ) STRICT, WITHOUT ROWID;
   PRAGMA application_id = ${applicationId};`,
];

/**
 * Brings the file to the present version. `create` allows an empty file to become a store; without it an empty file is refused,
 * because a file emptied under a running process would lift every block.
 */
export function migrate(database: DatabaseSync, create: boolean): void {
  if (isCurrent(database)) {
    return;
  }
  database.exec('BEGIN IMMEDIATE');
  try {
    const version = pragma(database, 'user_version');
    refuseForeign(database, version, create);
    for (const [from, step] of steps.entries()) {
      if (from >= version) {
        database.exec(step);
      }
    }
    database.exec(`PRAGMA user_version = ${steps.length}; COMMIT`);
  } catch (error) {
    if (database.isTransaction) {
      database.exec('ROLLBACK');
    }
    throw error;
  }
}

const isCurrent = (database: DatabaseSync): boolean =>
  pragma(database, 'user_version') === steps.length && pragma(database, 'application_id') === applicationId;

function refuseForeign(database: DatabaseSync, version: number, create: boolean): void {
  if (version > steps.length) {
    throw unfit(`the store has version ${version}, this program knows ${steps.length}: use a newer sallyport`);
  }
  if (version > 0 && pragma(database, 'application_id') !== applicationId) {
    throw unfit('the file belongs to another program: name another file as the store');
  }
  if (version === 0 && database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined) {
    throw unfit('the file holds tables of another program: name another file as the store');
  }
  if (version === 0 && !create) {
    throw unfit('the file is empty: restore the store from its backup, or restart to begin with an empty one');
  }
}

const unfit = (reason: string): StoreError => new StoreError('bad_reply', new Error(reason));

/** A PRAGMA whose answer is one integer. */
export function pragma(database: DatabaseSync, name: 'user_version' | 'application_id'): number {
  const value = database.prepare(`PRAGMA ${name}`).get()?.[name];
  if (typeof value !== 'number') {
    throw unfit(`PRAGMA ${name} gave no number`);
  }
  return value;
}
