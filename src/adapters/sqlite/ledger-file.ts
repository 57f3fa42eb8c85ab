import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { StoreError } from '../../ports/key-store.ts';
import type { FileKind } from './database.ts';

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
   CREATE INDEX open_holds ON holds (lease_ends_ms, id) WHERE status = 0;
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
];

/** What is used of an open ledger: every statement there is, and the epoch, which a file keeps for good. */
export type LedgerStatements = ReturnType<typeof prepareStatements>;

/**
 * Quotas and spending. A process that ends in whatever way takes nothing with it; a power cut may undo the transactions of the last seconds
 * (those since the log was last flushed, with every checkpoint of 1,000 pages or by the operating system), never a part of one. Holds and
 * settlements so lost are what the journals of the sidecars restore.
 */
export const ledgerFile: FileKind<LedgerStatements> = {
  schema: { applicationId, steps },
  synchronous: 'NORMAL',
  prepare: prepareStatements,
};

function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  const epoch = prepare('SELECT epoch FROM ledger').get()?.['epoch'];
  if (typeof epoch !== 'string' || epoch === '') {
    throw new StoreError('bad_reply', new Error('the ledger has lost its name: restore the file from its backup'));
  }
  return {
    epoch,
    latest: prepare('SELECT latest_ms FROM ledger'),
    tick: prepare('UPDATE ledger SET latest_ms = ? WHERE latest_ms < ?'),
    counter: prepare('SELECT state FROM counters WHERE key = ?'),
    putCounter: prepare(
      `INSERT INTO counters (key, state, forget_ms) VALUES (?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET state = excluded.state, forget_ms = excluded.forget_ms`,
    ),
    hold: prepare('SELECT * FROM holds WHERE id = ?'),
    putHold: prepare(
      `INSERT INTO holds (id, status, at_ms, lease_ends_ms, forget_ms, requests, tokens, nano_usd, day, account, places)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET status = excluded.status, at_ms = excluded.at_ms, lease_ends_ms = excluded.lease_ends_ms,
         forget_ms = excluded.forget_ms, requests = excluded.requests, tokens = excluded.tokens, nano_usd = excluded.nano_usd,
         day = excluded.day, account = excluded.account, places = excluded.places`,
    ),
    expired: prepare('SELECT * FROM holds WHERE status = 0 AND lease_ends_ms <= ? ORDER BY lease_ends_ms, id LIMIT ?'),
    openHolds: prepare('SELECT count(*) AS holds FROM holds WHERE status = 0'),
    addSpending: prepare(
      `UPDATE spending SET
         requests = max(0, min(${Number.MAX_SAFE_INTEGER}, requests + ?)),
         tokens = max(0, min(${Number.MAX_SAFE_INTEGER}, tokens + ?)),
         nano_usd = max(0, min(${Number.MAX_SAFE_INTEGER}, nano_usd + ?))
       WHERE day = ? AND team = ? AND client = ? AND key = ? AND user = ? AND model = ?`,
    ),
    beginSpending: prepare(
      `INSERT INTO spending (requests, tokens, nano_usd, day, team, client, key, user, model)
       VALUES (max(0, ?), max(0, ?), max(0, ?), ?, ?, ?, ?, ?, ?)`,
    ),
    spending: prepare(
      `SELECT * FROM spending WHERE day BETWEEN ? AND ? AND (requests > 0 OR tokens > 0 OR nano_usd > 0)
       ORDER BY day, team, client, key, user, model`,
    ),
    forgetHolds: prepare('DELETE FROM holds WHERE number IN (SELECT number FROM holds WHERE status <> 0 AND forget_ms <= ? LIMIT ?)'),
    counterAfter: prepare('SELECT key FROM counters WHERE key > ? ORDER BY key LIMIT 1 OFFSET ?'),
    forgetCounters: prepare('DELETE FROM counters WHERE key > ? AND key <= ? AND forget_ms <= ?'),
    forgetLastCounters: prepare('DELETE FROM counters WHERE key > ? AND forget_ms <= ?'),
    forgetSpending: prepare('DELETE FROM spending WHERE day < ?'),
  };
}
