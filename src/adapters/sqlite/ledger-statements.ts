import type { DatabaseSync, StatementSync } from 'node:sqlite';

export type LedgerStatements = ReturnType<typeof prepareLedgerStatements>;

/** Every statement there is. Values are bound and never part of the text. */
export function prepareLedgerStatements(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    epoch: prepare('SELECT epoch FROM ledger'),
    dataVersion: prepare('PRAGMA data_version'),
    position: prepare('SELECT folded, latest_ms FROM ledger'),
    moveFold: prepare('UPDATE ledger SET folded = ?, latest_ms = ?'),
    timeOfChange: prepare('SELECT at_ms FROM changes WHERE number = ?'),
    changesAfter: prepare('SELECT number, at_ms, effects FROM changes WHERE number > ? ORDER BY number'),
    append: prepare('INSERT INTO changes (number, at_ms, effects) VALUES (?, ?, ?)'),
    dropChanges: prepare('DELETE FROM changes WHERE number < ?'),
    counter: prepare('SELECT state FROM counters WHERE key = ?'),
    putCounter: prepare(
      `INSERT INTO counters (key, state, forget_ms) VALUES (?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET state = excluded.state, forget_ms = excluded.forget_ms`,
    ),
    held: prepare('SELECT * FROM held WHERE id = ?'),
    lastHeld: prepare('SELECT id FROM held ORDER BY id DESC LIMIT 1'),
    putHeld: prepare(
      `INSERT INTO held (id, status, at_ms, lease_ends_ms, forget_ms, requests, tokens, nano_usd, day, account, places)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET status = excluded.status, at_ms = excluded.at_ms, lease_ends_ms = excluded.lease_ends_ms,
         forget_ms = excluded.forget_ms, requests = excluded.requests, tokens = excluded.tokens, nano_usd = excluded.nano_usd,
         day = excluded.day, account = excluded.account, places = excluded.places`,
    ),
    endHeld: prepare('DELETE FROM held WHERE id = ?'),
    ended: prepare('SELECT forget_ms FROM ended WHERE id = ?'),
    lastEnded: prepare('SELECT id FROM ended ORDER BY id DESC LIMIT 1'),
    putEnded: prepare('INSERT INTO ended (id, forget_ms) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET forget_ms = excluded.forget_ms'),
    expired: prepare('SELECT * FROM held WHERE status = 0 AND lease_ends_ms <= ? ORDER BY lease_ends_ms, id LIMIT ?'),
    firstLease: prepare('SELECT lease_ends_ms FROM held WHERE status = 0 ORDER BY lease_ends_ms LIMIT 1'),
    openHolds: prepare('SELECT count(*) AS holds FROM held WHERE status = 0 AND id NOT IN (SELECT value FROM json_each(?))'),
    line: prepare('SELECT * FROM spending WHERE day = ? AND team = ? AND client = ? AND key = ? AND user = ? AND model = ?'),
    putLine: prepare(
      `INSERT INTO spending (day, team, client, key, user, model, requests, tokens, nano_usd) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (day, team, client, key, user, model)
         DO UPDATE SET requests = excluded.requests, tokens = excluded.tokens, nano_usd = excluded.nano_usd`,
    ),
    spending: prepare('SELECT * FROM spending WHERE day BETWEEN ? AND ?'),
    endedAfter: prepare('SELECT id FROM ended WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?'),
    forgetEnded: prepare('DELETE FROM ended WHERE id > ? AND id <= ? AND forget_ms <= ?'),
    forgetLastEnded: prepare('DELETE FROM ended WHERE id > ? AND forget_ms <= ?'),
    forgetExpired: prepare('DELETE FROM held WHERE id IN (SELECT id FROM held WHERE status <> 0 AND forget_ms <= ? LIMIT ?)'),
    counterAfter: prepare('SELECT key FROM counters WHERE key > ? ORDER BY key LIMIT 1 OFFSET ?'),
    forgetCounters: prepare('DELETE FROM counters WHERE key > ? AND key <= ? AND forget_ms <= ?'),
    forgetLastCounters: prepare('DELETE FROM counters WHERE key > ? AND forget_ms <= ?'),
    notes: prepare('SELECT name, text FROM notes'),
    putNote: prepare('INSERT INTO notes (name, text) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET text = excluded.text'),
    forgetSpending: prepare('DELETE FROM spending WHERE day < ?'),
  };
}
