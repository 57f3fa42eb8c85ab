import type { KeyRecord } from '../ports/key-store.ts';

const isoOf = (atMs: number | undefined): string | null => (atMs === undefined ? null : new Date(atMs).toISOString());

export function stateOf(record: KeyRecord, nowMs: number): 'active' | 'revoked' | 'expired' {
  if (record.revokedAtMs !== undefined) {
    return 'revoked';
  }
  return record.expiresAtMs !== undefined && nowMs >= record.expiresAtMs ? 'expired' : 'active';
}

/** What may be shown of a key, member by member: digests are not among them, whatever a record comes to hold. */
export function viewOf(record: KeyRecord, nowMs: number) {
  return {
    id: record.id,
    state: stateOf(record, nowMs),
    environment: record.environment,
    name: record.name,
    client: record.client,
    team: record.team ?? null,
    tier: record.tier ?? null,
    user: record.user ?? null,
    policy: record.policy ?? null,
    models: record.models ?? null,
    operations: record.operations ?? null,
    networks: record.networks ?? null,
    createdAt: isoOf(record.createdAtMs),
    expiresAt: isoOf(record.expiresAtMs),
    revokedAt: isoOf(record.revokedAtMs),
  };
}
