import { expect, it } from 'vitest';
import type { OperatorRecord } from '../../../src/core/operator.ts';
import { operatorView } from '../../../src/policy/operator-view.ts';

const nowMs = Date.UTC(2026, 10, 21, 12);
const record: OperatorRecord = {
  id: 'AAAAAAAAAA',
  name: 'ann',
  role: 'approver',
  digest: 'ab'.repeat(32),
  createdAtMs: nowMs,
  expiresAtMs: nowMs + 1_000,
  revokedAtMs: undefined,
};

it('shows whether a token is of use, and never its digest', () => {
  expect(operatorView(record, nowMs)).toEqual({
    id: 'AAAAAAAAAA',
    name: 'ann',
    role: 'approver',
    state: 'active',
    createdAt: '2026-11-21T12:00:00.000Z',
    expiresAt: '2026-11-21T12:00:01.000Z',
    revokedAt: null,
  });
  expect(operatorView(record, nowMs + 1_000).state).toBe('expired');
  expect(operatorView({ ...record, revokedAtMs: nowMs }, nowMs + 1_000)).toMatchObject({
    state: 'revoked',
    revokedAt: '2026-11-21T12:00:00.000Z',
  });
});
