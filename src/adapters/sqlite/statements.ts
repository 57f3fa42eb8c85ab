import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { approvalStatements } from './approvals-file.ts';
import { operatorStatements } from './operators-file.ts';

export type Statements = ReturnType<typeof prepareStatements>;

/** Every statement there is. Values are bound and never part of the text. */
export function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    /** Changes whenever another connection committed: https://sqlite.org/pragma.html#pragma_data_version */
    dataVersion: prepare('PRAGMA data_version'),
    findKey: prepare('SELECT * FROM keys WHERE id = ?'),
    listKeys: prepare('SELECT * FROM keys ORDER BY created_at_ms, id'),
    insertKey: prepare(
      `INSERT INTO keys (id, environment, name, client, team, tier, user, policy, models, operations, networks, digests,
                         created_at_ms, expires_at_ms, revoked_at_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    revokeKey: prepare('UPDATE keys SET revoked_at_ms = coalesce(revoked_at_ms, ?) WHERE id = ?'),
    listBlocks: prepare('SELECT * FROM blocks ORDER BY at_ms, kind, value'),
    countBlocks: prepare('SELECT count(*) AS blocks FROM blocks'),
    upsertBlock: prepare(
      `INSERT INTO blocks (kind, value, reason, at_ms, abort_streams) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (kind, value) DO UPDATE SET reason = excluded.reason, at_ms = excluded.at_ms, abort_streams = excluded.abort_streams`,
    ),
    deleteBlock: prepare('DELETE FROM blocks WHERE kind = ? AND value = ?'),
    ...operatorStatements(database),
    ...approvalStatements(database),
  };
}
