import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../../ports/key-store.ts';
import { toStoreError } from './errors.ts';
import { migrate, type Schema } from './schema.ts';

/** Opening competes with other processes for the switch to WAL; afterwards nothing in this thread may block. */
const openWaitMsMax = 2_000;

/** What a store keeps in its file, and how. */
export interface FileKind<Statements> {
  readonly schema: Schema;
  /** FULL: a commit is on the disk before it is acknowledged. NORMAL: a power cut may undo the last ones, an end of the process never. */
  readonly synchronous: 'FULL' | 'NORMAL';
  prepare(database: DatabaseSync): Statements;
}

/** One open file. It is used only while the names in the directory still lead to it. */
export interface Connection<Statements> {
  readonly database: DatabaseSync;
  readonly statements: Statements;
  readonly identity: Identity;
  /** Counts the files opened, so that no version of one file equals a version of another. */
  readonly generation: number;
}

/** Device and inode of the file and of its write-ahead log. */
interface Identity {
  readonly main: string;
  readonly log: string | undefined;
}

export interface Database<Statements> {
  /** The connection to the file that is at the path now. Throws `StoreError` where there is none to rely on. */
  current(create?: boolean): Connection<Statements>;
  close(): void;
}

/**
 * SQLite goes on reading and writing a file after it was unlinked, so every use looks at the directory first. A file that was put
 * in the place of the old one is opened; a missing file is waited for and never made anew, since an empty store holds no blocks and
 * has counted nothing.
 */
export function watchDatabase<Statements>(path: string, kind: FileKind<Statements>): Database<Statements> {
  let open: Connection<Statements> | undefined;
  let generation = 0;

  const current = (create = false): Connection<Statements> => {
    if (create) {
      createFile(path);
    }
    const identity = identify(path);
    if (open !== undefined && open.identity.main === identity.main && open.identity.log === identity.log) {
      return open;
    }
    if (open !== undefined && open.identity.main !== identity.main && open.identity.log === identity.log) {
      // SQLite would replay the log of the old file into the new one.
      throw new StoreError(
        'bad_reply',
        new Error(`${path} was replaced but its old -wal file remains: remove ${path}-wal and ${path}-shm`),
      );
    }
    close();
    generation += 1;
    open = { ...connect(path, kind, create), generation };
    return open;
  };

  const close = (): void => {
    open?.database.close();
    open = undefined;
  };

  return { current, close };
}

function createFile(path: string): void {
  if (existsSync(path)) {
    return;
  }
  if (existsSync(`${path}-wal`)) {
    throw new StoreError(
      'unreachable',
      new Error(`${path} is gone but ${path}-wal remains: restore the file, or remove its -wal and -shm`),
    );
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
}

function identify(path: string): Identity {
  const main = inode(path);
  if (main === undefined) {
    throw new StoreError('unreachable', new Error(`${path} is gone: restore it`));
  }
  return { main, log: inode(`${path}-wal`) };
}

function inode(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.dev}:${stat.ino}`;
}

function connect<Statements>(path: string, kind: FileKind<Statements>, create: boolean): Omit<Connection<Statements>, 'generation'> {
  const before = identify(path);
  const database = new DatabaseSync(path, { timeout: openWaitMsMax });
  try {
    const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
    if (mode !== 'wal') {
      throw new StoreError('bad_reply', new Error('the file system of the store cannot do write-ahead logging: use a local disk'));
    }
    database.exec(`PRAGMA synchronous = ${kind.synchronous}; PRAGMA trusted_schema = OFF`);
    migrate(database, kind.schema, create);
    const statements = kind.prepare(database);
    database.exec('PRAGMA busy_timeout = 0');
    const identity = identify(path);
    if (identity.main !== before.main || identity.log === undefined) {
      throw new StoreError('unreachable', new Error(`${path} changed while it was opened`));
    }
    return { database, statements, identity };
  } catch (error) {
    database.close();
    throw toStoreError(error);
  }
}
