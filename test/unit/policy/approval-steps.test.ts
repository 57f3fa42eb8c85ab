import { describe, expect, it } from 'vitest';
import { approvalOpenMsMax, type Approval } from '../../../src/core/approval.ts';
import { approvalMsMax, approvalMsMin, judgeDenial, judgeGrant, judgeRevocation } from '../../../src/policy/approval-steps.ts';

const nowMs = Date.UTC(2026, 10, 21, 12);
const wantedMs = 3_600_000;
const bySomebody = (by: string, atMs = nowMs) => ({ by, atMs, reason: 'a test' });

const open: Approval = {
  id: 'AAAAAAAAAA',
  model: 'large',
  subject: 'team',
  value: 'finance',
  wantedMs,
  requested: bySomebody('ann'),
  granted: undefined,
  denied: undefined,
  revoked: undefined,
};
const granted: Approval = { ...open, granted: { ...bySomebody('bob'), expiresAtMs: nowMs + wantedMs } };
const denied: Approval = { ...open, denied: bySomebody('bob') };
const revoked: Approval = { ...granted, revoked: bySomebody('bob') };
const closed: readonly [string, Approval][] = [
  ['granted', granted],
  ['denied', denied],
  ['revoked', revoked],
];

describe('a grant', () => {
  it('by another operator lasts as long as was asked, or as long as that operator says', () => {
    expect(judgeGrant(open, bySomebody('bob'), undefined)).toEqual({
      kind: 'found',
      found: { kind: 'granted', ...bySomebody('bob'), expiresAtMs: nowMs + wantedMs },
    });
    expect(judgeGrant(open, bySomebody('bob'), approvalMsMax)).toMatchObject({ found: { expiresAtMs: nowMs + 90 * 86_400_000 } });
    expect(judgeGrant(open, bySomebody('bob'), approvalMsMin)).toMatchObject({ found: { expiresAtMs: nowMs + 60_000 } });
  });

  it('by whoever asked is refused, whatever else is right', () => {
    expect(judgeGrant(open, bySomebody('ann'), undefined)).toEqual({ kind: 'refused', code: 'own_request' });
  });

  it.each([approvalMsMax + 1, approvalMsMin - 1, 0, -wantedMs, 1.5 * approvalMsMin + 0.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'for %d ms is refused',
    (durationMs) => {
      expect(judgeGrant(open, bySomebody('bob'), durationMs)).toEqual({ kind: 'refused', code: 'duration_invalid' });
      expect(judgeGrant({ ...open, wantedMs: durationMs }, bySomebody('bob'), undefined).kind).toBe('refused');
    },
  );

  it.each(closed)('of a request that was %s is refused', (_name, approval) => {
    expect(judgeGrant(approval, bySomebody('bob'), undefined)).toEqual({ kind: 'refused', code: 'not_open' });
  });

  it('of a request that has lapsed is refused', () => {
    expect(judgeGrant(open, bySomebody('bob', nowMs + approvalOpenMsMax), undefined)).toEqual({ kind: 'refused', code: 'not_open' });
    expect(judgeGrant(open, bySomebody('bob', nowMs + approvalOpenMsMax - 1), undefined).kind).toBe('found');
  });
});

describe('a denial', () => {
  it.each(['ann', 'bob'])('by %s closes an open request', (by) => {
    expect(judgeDenial(open, bySomebody(by))).toEqual({ kind: 'found', found: { kind: 'denied', ...bySomebody(by) } });
  });

  it.each(closed)('of a request that was %s is refused', (_name, approval) => {
    expect(judgeDenial(approval, bySomebody('bob'))).toEqual({ kind: 'refused', code: 'not_open' });
  });
});

describe('a revocation', () => {
  it.each(['ann', 'bob', 'cem'])('by %s ends what is in force', (by) => {
    expect(judgeRevocation(granted, bySomebody(by))).toEqual({ kind: 'found', found: { kind: 'revoked', ...bySomebody(by) } });
  });

  it.each<[string, Approval, number]>([
    ['open', open, nowMs],
    ['denied', denied, nowMs],
    ['revoked', revoked, nowMs],
    ['expired', granted, nowMs + wantedMs],
  ])('of one that is %s is refused', (_name, approval, atMs) => {
    expect(judgeRevocation(approval, bySomebody('bob', atMs))).toEqual({ kind: 'refused', code: 'not_in_force' });
  });
});
