import type { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../../ports/key-store.ts';
import type { FileKind } from './database.ts';
import { openLedgerLog, type LedgerLog } from './ledger-log.ts';
import { prepareLedgerStatements, type LedgerStatements } from './ledger-statements.ts';

/** `SPRL` */
const applicationId = 0x53_50_52_4c;

const steps: readonly string[] = [
  // The one row of the ledger itself. Time never goes back behind the latest transaction's, whatever the machine's clock does.
  `CREATE TABLE ledger (
     only INTEGER PRIMARY KEY CHECK (only = 1),
     epoch TEXT NOT NULL,
     latest_ms INTEGER NOT NULL
   ) STRICT;
   INSERT INTO ledger (only, epoch, latest_ms) VALUES (1, lower(hex(randomblob(16))), 0);
   CREATE TABLE counters (
     key TEXT PRIMARY KEY NOT NULL,
     state TEXT NOT NULL,
     forget_ms INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE holds (
     number INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     status INTEGER NOT NULL,
     at_ms INTEGER NOT NULL,
     lease_ends_ms INTEGER NOT NULL,
     forget_ms INTEGER NOT NULL,
     requests INTEGER NOT NULL,
     tokens INTEGER NOT NULL,
     nano_usd INTEGER NOT NULL,
     day TEXT NOT NULL,
     account TEXT NOT NULL,
     places TEXT NOT NULL
   ) STRICT;
   CREATE INDEX open_holds ON holds (lease_ends_ms) WHERE status = 0;
   CREATE INDEX ended_holds ON holds (forget_ms) WHERE status <> 0;
   CREATE TABLE spending (
     day TEXT NOT NULL,
     team TEXT NOT NULL,
     client TEXT NOT NULL,
     key TEXT NOT NULL,
     user TEXT NOT NULL,
     model TEXT NOT NULL,
     requests INTEGER NOT NULL,
     tokens INTEGER NOT NULL,
     nano_usd INTEGER NOT NULL,
     PRIMARY KEY (day, team, client, key, user, model)
   ) STRICT, WITHOUT ROWID;`,
  // What processes and operators say about a memory that was lost.
  'CREATE TABLE notes (name TEXT PRIMARY KEY NOT NULL, text TEXT NOT NULL) STRICT;',
  // A transaction writes one row of `changes`. The other tables have what was changed up to the row `folded`, and later rows what has changed
  // since. `holds` gives way to a table of another name, so that a program that does not know of the log fails and does not count past it.
  `CREATE TABLE changes (number INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, effects TEXT NOT NULL) STRICT;
   ALTER TABLE ledger ADD COLUMN folded INTEGER NOT NULL DEFAULT 0;
   CREATE TABLE held (
     id TEXT PRIMARY KEY NOT NULL,
     status INTEGER NOT NULL,
     at_ms INTEGER NOT NULL,
     lease_ends_ms INTEGER NOT NULL,
     forget_ms INTEGER NOT NULL,
     requests INTEGER NOT NULL,
     tokens INTEGER NOT NULL,
     nano_usd INTEGER NOT NULL,
     day TEXT NOT NULL,
     account TEXT NOT NULL,
     places TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE ended (id TEXT PRIMARY KEY NOT NULL, forget_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   INSERT INTO ended SELECT id, forget_ms FROM holds WHERE status IN (2, 3) AND forget_ms > (SELECT latest_ms FROM ledger) ORDER BY id;
   INSERT INTO held SELECT id, status, at_ms, lease_ends_ms, forget_ms, requests, tokens, nano_usd, day, account, places
     FROM holds WHERE status NOT IN (2, 3) ORDER BY id;
   DROP TABLE holds;
   CREATE INDEX held_open ON held (lease_ends_ms) WHERE status = 0;
   CREATE INDEX held_expired ON held (forget_ms) WHERE status <> 0;`,
];

/** What is used of an open file. */
export interface OpenLedger {
  /** Of the file, for good. */
  readonly epoch: string;
  readonly statements: LedgerStatements;
  readonly log: LedgerLog;
}

/**
 * Quotas and spending. A process that ends in whatever way takes nothing with it; a power cut may undo the transactions of the last seconds
 * (those since the write-ahead log was last flushed, with every checkpoint of 4,000 pages or by the operating system), never a part of one. Holds and
 * settlements so lost are what the journals of the sidecars restore.
 */
export const ledgerFile: FileKind<OpenLedger> = {
  schema: { applicationId, steps },
  synchronous: 'NORMAL',
  prepare: openLedger,
};

function openLedger(database: DatabaseSync): OpenLedger {
  // Counters are all over the file: they stay in memory, and a page that many transactions change is written back once.
  database.exec('PRAGMA cache_size = -32000; PRAGMA wal_autocheckpoint = 4000');
  const statements = prepareLedgerStatements(database);
  const epoch = statements.epoch.get()?.['epoch'];
  if (typeof epoch !== 'string' || epoch === '') {
    throw new StoreError('bad_reply', new Error('the ledger has lost its name: restore the file from its backup'));
  }
  return { epoch, statements, log: openLedgerLog(statements) };
}
