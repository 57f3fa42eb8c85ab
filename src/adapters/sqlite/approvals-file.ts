import type { DatabaseSync } from 'node:sqlite';

/**
 * Step of the key store's file. Whatever writes: a grant is never by whoever asked, a step is there whole or not at all, and nothing is
 * both granted and denied.
 */
export const approvalsStep = `CREATE TABLE approvals (
     id TEXT PRIMARY KEY NOT NULL,
     model TEXT NOT NULL,
     subject TEXT NOT NULL,
     value TEXT NOT NULL,
     wanted_ms INTEGER NOT NULL,
     requested_by TEXT NOT NULL,
     requested_at_ms INTEGER NOT NULL,
     requested_reason TEXT NOT NULL,
     granted_by TEXT,
     granted_at_ms INTEGER,
     granted_reason TEXT,
     expires_at_ms INTEGER,
     denied_by TEXT,
     denied_at_ms INTEGER,
     denied_reason TEXT,
     revoked_by TEXT,
     revoked_at_ms INTEGER,
     revoked_reason TEXT,
     CONSTRAINT another_operator_grants CHECK (granted_by IS NOT requested_by),
     CONSTRAINT decided_once CHECK (granted_by IS NULL OR denied_by IS NULL),
     CONSTRAINT revoked_after_grant CHECK (revoked_by IS NULL OR granted_by IS NOT NULL),
     CONSTRAINT whole_grant CHECK ((granted_by IS NULL) = (expires_at_ms IS NULL))
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX approvals_by_time ON approvals (requested_at_ms, id);
   CREATE INDEX approvals_open ON approvals (requested_at_ms) WHERE granted_by IS NULL AND denied_by IS NULL;
   CREATE INDEX approvals_standing ON approvals (expires_at_ms) WHERE granted_by IS NOT NULL AND revoked_by IS NULL;`;

export const approvalStatements = (database: DatabaseSync) => ({
  findApproval: database.prepare('SELECT * FROM approvals WHERE id = ?'),
  listApprovals: database.prepare(
    'SELECT * FROM (SELECT * FROM approvals ORDER BY requested_at_ms DESC, id DESC LIMIT ?) ORDER BY requested_at_ms, id',
  ),
  /** Those that will be in force at a moment, unless they are revoked. */
  listStanding: database.prepare(
    `SELECT model, subject, value, expires_at_ms FROM approvals
     WHERE granted_by IS NOT NULL AND revoked_by IS NULL AND expires_at_ms > ?`,
  ),
  countStanding: database.prepare(
    'SELECT count(*) AS approvals FROM approvals WHERE granted_by IS NOT NULL AND revoked_by IS NULL AND expires_at_ms > ?',
  ),
  countOpen: database.prepare(
    'SELECT count(*) AS approvals FROM approvals WHERE granted_by IS NULL AND denied_by IS NULL AND requested_at_ms > ?',
  ),
  insertApproval: database.prepare(
    `INSERT INTO approvals (id, model, subject, value, wanted_ms, requested_by, requested_at_ms, requested_reason)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  ),
  grantApproval: database.prepare(
    `UPDATE approvals SET granted_by = ?, granted_at_ms = ?, granted_reason = ?, expires_at_ms = ?
     WHERE id = ? AND granted_by IS NULL AND denied_by IS NULL`,
  ),
  denyApproval: database.prepare(
    `UPDATE approvals SET denied_by = ?, denied_at_ms = ?, denied_reason = ?
     WHERE id = ? AND granted_by IS NULL AND denied_by IS NULL`,
  ),
  revokeApproval: database.prepare(
    `UPDATE approvals SET revoked_by = ?, revoked_at_ms = ?, revoked_reason = ?
     WHERE id = ? AND granted_by IS NOT NULL AND revoked_by IS NULL`,
  ),
});
