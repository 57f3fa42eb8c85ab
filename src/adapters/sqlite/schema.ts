import type { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../../ports/key-store.ts';

/** What a store's file holds, by versions. */
export interface Schema {
  /** Tells the file from another program's, and from those of our other stores (PRAGMA application_id). */
  readonly applicationId: number;
  /** Step n brings a file of version n to version n + 1. Steps are never edited, only added. */
  readonly steps: readonly string[];
}

/**
 * Brings the file to the present version. `create` allows an empty file to become a store; without it an empty file is refused,
 * because a file emptied under a running process would lift every block and limit.
 */
export function migrate(database: DatabaseSync, schema: Schema, create: boolean): void {
  if (isCurrent(database, schema)) {
    return;
  }
  database.exec('BEGIN IMMEDIATE');
  try {
    const version = pragma(database, 'user_version');
    refuseForeign(database, version, schema);
    if (version === 0 && !create) {
      throw unfit('the file is empty: restore the store from its backup, or restart to begin with an empty one');
    }
    for (const [from, step] of schema.steps.entries()) {
      if (from >= version) {
        database.exec(step);
      }
    }
    database.exec(`PRAGMA application_id = ${schema.applicationId}; PRAGMA user_version = ${schema.steps.length}; COMMIT`);
  } catch (error) {
    if (database.isTransaction) {
      database.exec('ROLLBACK');
    }
    throw error;
  }
}

const isCurrent = (database: DatabaseSync, { applicationId, steps }: Schema): boolean =>
  pragma(database, 'user_version') === steps.length && pragma(database, 'application_id') === applicationId;

function refuseForeign(database: DatabaseSync, version: number, { applicationId, steps }: Schema): void {
  if (version > steps.length) {
    throw unfit(`the store has version ${version}, this program knows ${steps.length}: use a newer sallyport`);
  }
  if (version > 0 && pragma(database, 'application_id') !== applicationId) {
    throw unfit('the file belongs to another program: name another file as the store');
  }
  if (version === 0 && database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined) {
    throw unfit('the file holds tables of another program: name another file as the store');
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
