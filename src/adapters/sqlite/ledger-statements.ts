import type { DatabaseSync, StatementSync } from 'node:sqlite';

export type LedgerStatements = ReturnType<typeof prepareLedgerStatements>;

/** Every statement there is. Values are bound and never part of the text. */
export function prepareLedgerStatements(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    epoch: prepare('SELECT epoch FROM ledger'),
    dataVersion: prepare('PRAGMA data_version'),
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
    notes: prepare('SELECT name, text FROM notes'),
    putNote: prepare('INSERT INTO notes (name, text) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET text = excluded.text'),
    forgetSpending: prepare('DELETE FROM spending WHERE day < ?'),
  };
}
