import { isOperatorName, OPERATOR_ROLES, type OperatorRecord } from '../../core/operator.ts';
import { digestText, idText, refuseUnreadable, text, time, optionalTime, unreadable, word, type Row } from './columns.ts';

/** Throws `StoreError`. */
export function parseOperatorRow(row: Row): OperatorRecord {
  const name = text(row, 'name');
  if (!isOperatorName(name)) {
    throw unreadable('name');
  }
  return {
    id: text(row, 'id', idText),
    name,
    role: word(row, 'role', OPERATOR_ROLES),
    digest: text(row, 'digest', digestText),
    createdAtMs: time(row, 'created_at_ms'),
    expiresAtMs: time(row, 'expires_at_ms'),
    revokedAtMs: optionalTime(row, 'revoked_at_ms'),
  };
}

/** A record as the columns of `insertOperator`, in order. Throws `StoreError` `refused` where it could not be read back. */
export function encodeOperatorRow(record: OperatorRecord): (string | number | null)[] {
  const row = {
    id: record.id,
    name: record.name,
    role: record.role,
    digest: record.digest,
    created_at_ms: record.createdAtMs,
    expires_at_ms: record.expiresAtMs,
    revoked_at_ms: record.revokedAtMs ?? null,
  };
  refuseUnreadable(() => parseOperatorRow(row));
  return Object.values(row);
}
