import type { OperatorRecord } from '../core/operator.ts';

/** What may be shown of an operator's token, member by member: its digest is not among them. */
export const operatorView = ({ id, name, role, createdAtMs, expiresAtMs, revokedAtMs }: OperatorRecord, nowMs: number) => ({
  id,
  name,
  role,
  state: revokedAtMs === undefined ? (nowMs < expiresAtMs ? 'active' : 'expired') : 'revoked',
  createdAt: new Date(createdAtMs).toISOString(),
  expiresAt: new Date(expiresAtMs).toISOString(),
  revokedAt: revokedAtMs === undefined ? null : new Date(revokedAtMs).toISOString(),
});
