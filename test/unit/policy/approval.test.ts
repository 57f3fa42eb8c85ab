import { describe, expect, it } from 'vitest';
import { approvalOpenMsMax, type Approval, type StandingApproval } from '../../../src/core/approval.ts';
import { approvalStateAt, indexApprovals, judgeApproval, type ApprovalHolder } from '../../../src/policy/approval.ts';

const nowMs = Date.UTC(2026, 10, 21, 12);
const step = { by: 'ann', atMs: nowMs, reason: 'a test' };

const approval = (changes: Partial<Approval> = {}): Approval => ({
  id: 'AAAAAAAAAA',
  model: 'large',
  subject: 'team',
  value: 'finance',
  wantedMs: 86_400_000,
  requested: step,
  granted: undefined,
  denied: undefined,
  revoked: undefined,
  ...changes,
});

describe('approvalStateAt', () => {
  const granted = { ...step, by: 'bob', expiresAtMs: nowMs + 1_000 };

  it.each<[string, Approval, number, string]>([
    ['asked for', approval(), nowMs, 'requested'],
    ['asked for, in its last millisecond', approval(), nowMs + approvalOpenMsMax - 1, 'requested'],
    ['forgotten', approval(), nowMs + approvalOpenMsMax, 'lapsed'],
    ['granted', approval({ granted }), nowMs, 'in_force'],
    ['granted, in its last millisecond', approval({ granted }), nowMs + 999, 'in_force'],
    ['over', approval({ granted }), nowMs + 1_000, 'expired'],
    ['turned down', approval({ denied: step }), nowMs, 'denied'],
    ['withdrawn', approval({ granted, revoked: step }), nowMs, 'revoked'],
    ['withdrawn, and over by now', approval({ granted, revoked: step }), nowMs + 1_000, 'revoked'],
    ['granted and denied, which no store says', approval({ granted, denied: step }), nowMs, 'denied'],
  ])('%s', (_name, given, atMs, state) => {
    expect(approvalStateAt(given, atMs)).toBe(state);
  });
});

describe('judgeApproval', () => {
  const holder: ApprovalHolder = { key: 'KKKKKKKKKK', client: 'app', user: 'ann', team: 'finance', teamOfClient: 'sales' };
  const nobody: ApprovalHolder = { key: undefined, client: 'other', user: undefined, team: undefined, teamOfClient: undefined };
  const standing = (changes: Partial<StandingApproval>): StandingApproval => ({
    model: 'large',
    subject: 'client',
    value: 'app',
    expiresAtMs: nowMs + 1,
    ...changes,
  });
  const judge = (approvals: readonly StandingApproval[], who = holder, model = 'large', atMs = nowMs) =>
    judgeApproval(indexApprovals(approvals), who, model, atMs);

  it.each<Partial<StandingApproval>>([
    { subject: 'key', value: 'KKKKKKKKKK' },
    { subject: 'client', value: 'app' },
    { subject: 'user', value: 'ann' },
    { subject: 'team', value: 'finance' },
    { subject: 'team', value: 'sales' },
  ])('covers the caller by %j', (changes) => {
    expect(judge([standing(changes)])).toEqual({ kind: 'next', found: null });
    expect(judge([standing(changes)], nobody)).toMatchObject({ kind: 'deny', denial: { code: 'approval_required' } });
  });

  it.each<[string, readonly StandingApproval[]]>([
    ['nothing', []],
    ['one for another model', [standing({ model: 'larger' })]],
    ['one for a model of nearly this name', [standing({ model: 'LARGE' }), standing({ model: 'large*' }), standing({ model: '*' })]],
    ['one for another client', [standing({ value: 'other' })]],
    ['one for a client of nearly this name', [standing({ value: 'APP' }), standing({ value: 'ap' }), standing({ value: '*' })]],
    ['the same name at another level', [standing({ subject: 'user', value: 'app' }), standing({ subject: 'team', value: 'app' })]],
    ['names of an object’s own', [standing({ model: '__proto__' }), standing({ value: 'constructor' })]],
    ['one that ended this millisecond', [standing({ expiresAtMs: nowMs })]],
  ])('denies by %s', (_name, approvals) => {
    expect(judge(approvals)).toMatchObject({ kind: 'deny', denial: { code: 'approval_required', publicHint: undefined } });
  });

  it('does not take a caller without a user, key or team for one named so', () => {
    const unnamed = ['', 'undefined', 'null'].flatMap((value) =>
      (['key', 'user', 'team'] as const).map((subject) => standing({ subject, value })),
    );
    expect(judge(unnamed, nobody).kind).toBe('deny');
  });

  it('goes by the longest of several, in whatever order', () => {
    const both = [standing({ expiresAtMs: nowMs + 5 }), standing({ expiresAtMs: nowMs + 2 })];
    expect(judge(both, holder, 'large', nowMs + 4).kind).toBe('next');
    expect(judge(both.toReversed(), holder, 'large', nowMs + 4).kind).toBe('next');
    expect(judge(both, holder, 'large', nowMs + 5).kind).toBe('deny');
  });

  it('keeps approvals of several models and levels apart', () => {
    const approvals = [standing({}), standing({ model: 'huge', subject: 'user', value: 'ann' }), standing({ value: 'third' })];
    expect(judge(approvals).kind).toBe('next');
    expect(judge(approvals, holder, 'huge').kind).toBe('next');
    expect(judge(approvals, { ...holder, user: 'bob' }, 'huge').kind).toBe('deny');
  });
});
