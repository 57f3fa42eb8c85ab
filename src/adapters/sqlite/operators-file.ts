import type { DatabaseSync } from 'node:sqlite';

/** Step of the key store's file. */
export const operatorsStep = `CREATE TABLE operators (
     id TEXT PRIMARY KEY NOT NULL,
     name TEXT NOT NULL,
     role TEXT NOT NULL,
     digest TEXT NOT NULL,
     created_at_ms INTEGER NOT NULL,
     expires_at_ms INTEGER NOT NULL,
     revoked_at_ms INTEGER
   ) STRICT, WITHOUT ROWID;`;

export const operatorStatements = (database: DatabaseSync) => ({
  findOperator: database.prepare('SELECT * FROM operators WHERE id = ?'),
  listOperators: database.prepare('SELECT * FROM operators ORDER BY created_at_ms, id'),
  countOperators: database.prepare('SELECT count(*) AS operators FROM operators'),
  insertOperator: database.prepare(
    'INSERT INTO operators (id, name, role, digest, created_at_ms, expires_at_ms, revoked_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)',
  ),
  revokeOperator: database.prepare('UPDATE operators SET revoked_at_ms = coalesce(revoked_at_ms, ?) WHERE id = ?'),
});
