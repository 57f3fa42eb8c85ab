import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { adminNowMs, openTestAdmin, type AdminAnswered, type TestAdmin } from '../../support/admin.ts';

const hourMs = 3_600_000;
const approvalShape = z.object({ id: z.string(), state: z.string() });

let admin: TestAdmin;
let ann: { readonly token: string; readonly id: string };
let bob: typeof ann;
beforeEach(async () => {
  admin = await openTestAdmin();
  ann = await admin.createOperator('ann', 'approver');
  bob = await admin.createOperator('bob', 'approver');
});
afterEach(async () => {
  await admin[Symbol.asyncDispose]();
});

const good = { model: 'large', for: { kind: 'team', name: 'finance' }, reason: 'the quarter’s report', duration: '12h' };

const post = (token: string, path: string, body: object): Promise<AdminAnswered> => admin.ask({ method: 'POST', path, token, body });
const requested = async (token: string): Promise<string> => approvalShape.parse((await post(token, '/admin/approvals', good)).json).id;
const step = (token: string, id: string, word: string, body: object = { reason: 'a test' }) =>
  post(token, `/admin/approvals/${id}/${word}`, body);

describe('the life of an approval', () => {
  it('keeps who, when and why of each step, and is in force from the grant to the revocation', async () => {
    const asked = await post(ann.token, '/admin/approvals', good);
    expect(asked).toMatchObject({
      status: 201,
      json: { state: 'requested', wantedSeconds: 43_200, granted: null, denied: null, revoked: null },
    });
    const { id } = approvalShape.parse(asked.json);
    expect(await admin.store.approvals()).toEqual([]);

    admin.at(adminNowMs + 1_000);
    const granted = await step(bob.token, id, 'grant', { reason: 'agreed with finance' });
    expect(granted).toMatchObject({
      status: 200,
      json: { state: 'in_force', granted: { by: 'bob', reason: 'agreed with finance', expiresAt: '2126-11-22T00:00:01.000Z' } },
    });
    expect(await admin.store.approvals()).toEqual([
      { model: 'large', subject: 'team', value: 'finance', expiresAtMs: adminNowMs + 1_000 + 12 * hourMs },
    ]);

    admin.at(adminNowMs + 2_000);
    expect(await step(ann.token, id, 'revoke', { reason: 'over budget' })).toMatchObject({ status: 200, json: { state: 'revoked' } });
    expect(await admin.store.approvals()).toEqual([]);
    const list = await admin.ask({ path: '/admin/approvals', token: ann.token });
    expect(list.json).toEqual({
      approvals: [
        {
          id,
          state: 'revoked',
          model: 'large',
          for: { kind: 'team', name: 'finance' },
          wantedSeconds: 43_200,
          requested: { by: 'ann', at: '2126-11-21T12:00:00.000Z', reason: 'the quarter’s report' },
          granted: { by: 'bob', at: '2126-11-21T12:00:01.000Z', reason: 'agreed with finance', expiresAt: '2126-11-22T00:00:01.000Z' },
          denied: null,
          revoked: { by: 'ann', at: '2126-11-21T12:00:02.000Z', reason: 'over budget' },
        },
      ],
    });
  });

  it('needs another person: neither the token that asked, nor another token of the same operator', async () => {
    const id = await requested(ann.token);
    const again = await admin.createOperator('ann', 'admin');
    for (const token of [ann.token, again.token]) {
      expect(await step(token, id, 'grant')).toMatchObject({ status: 403, code: 'own_request' });
    }
    expect(await admin.store.approvals()).toEqual([]);
    expect((await step(bob.token, id, 'grant')).status).toBe(200);
  });

  it('is decided once', async () => {
    const id = await requested(ann.token);
    expect(await step(bob.token, id, 'revoke')).toMatchObject({ status: 409, code: 'not_in_force' });
    expect((await step(ann.token, id, 'deny')).status).toBe(200);
    for (const word of ['grant', 'deny']) {
      expect(await step(bob.token, id, word)).toMatchObject({ status: 409, code: 'not_open' });
    }
    expect(await step(bob.token, id, 'revoke')).toMatchObject({ status: 409, code: 'not_in_force' });
    expect(await admin.store.approvals()).toEqual([]);
  });

  it('has one winner where two decide at once', async () => {
    const cem = await admin.createOperator('cem', 'approver');
    const id = await requested(ann.token);
    const answers = await Promise.all([bob, cem, bob, cem].map(({ token }, index) => step(token, id, index < 2 ? 'grant' : 'deny')));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ code }) => code === 'not_open')).toHaveLength(3);
  });

  it('lasts at most 90 days, and no longer than it was granted for', async () => {
    const id = await requested(ann.token);
    for (const duration of ['91d', '0d', '59s', '2160h1m']) {
      expect(await step(bob.token, id, 'grant', { reason: 'x', duration })).toMatchObject({ status: 400, code: 'field_invalid' });
    }
    expect(await step(bob.token, id, 'grant', { reason: 'x', duration: '1h' })).toMatchObject({
      json: { granted: { expiresAt: '2126-11-21T13:00:00.000Z' } },
    });
    admin.at(adminNowMs + hourMs);
    expect(await admin.ask({ path: '/admin/approvals', token: ann.token })).toMatchObject({ json: { approvals: [{ state: 'expired' }] } });
    expect(await step(bob.token, id, 'revoke')).toMatchObject({ status: 409, code: 'not_in_force' });
  });

  it('lapses after 30 days without a decision', async () => {
    const id = await requested(ann.token);
    const lateMs = adminNowMs + 30 * 24 * hourMs;
    const { token } = await admin.createOperator('bob', 'approver', { expiresAtMs: lateMs + hourMs });
    admin.at(lateMs);
    expect(await step(token, id, 'grant')).toMatchObject({ status: 409, code: 'not_open' });
  });

  it.each<[string, object, number, string]>([
    ['a model that is not declared', { ...good, model: 'larger' }, 400, 'model_unknown'],
    ['a model of an object’s own', { ...good, model: '__proto__' }, 400, 'model_unknown'],
    ['a model that needs no approval', { ...good, model: 'small' }, 409, 'approval_not_needed'],
    ['a team that is not declared', { ...good, for: { kind: 'team', name: 'finanse' } }, 400, 'team_unknown'],
  ])('does not begin with %s', async (_name, body, status, code) => {
    expect(await post(ann.token, '/admin/approvals', body)).toMatchObject({ status, code });
    expect(await admin.store.listApprovals()).toEqual([]);
  });

  it('that is not there is not found', async () => {
    for (const word of ['grant', 'deny', 'revoke']) {
      expect(await step(bob.token, 'AAAAAAAAAA', word)).toMatchObject({ status: 404, code: 'approval_unknown' });
    }
  });
});

describe('operators over the API', () => {
  it('are listed without digests, and a revoked token is of no use at the next call', async () => {
    const { token } = await admin.createOperator('root', 'admin');
    const list = await admin.ask({ path: '/admin/operators', token });
    expect(list).toMatchObject({
      status: 200,
      json: { operators: expect.arrayContaining([expect.objectContaining({ id: bob.id, name: 'bob', state: 'active' })]) as unknown },
    });
    expect(list.text).not.toContain('digest');
    const revoke = `/admin/operators/${bob.id}/revoke`;
    expect(await post(token, revoke, {})).toMatchObject({ status: 200, json: { id: bob.id, state: 'revoked' } });
    expect(await admin.ask({ path: '/admin/approvals', token: bob.token })).toMatchObject({ status: 401, code: 'credential_revoked' });
    expect(await post(token, '/admin/operators/AAAAAAAAAA/revoke', {})).toMatchObject({ status: 404, code: 'operator_unknown' });
    expect(await post(token, revoke, { role: 'admin' })).toMatchObject({ status: 400, code: 'field_invalid' });
  });
});

describe('the record of calls', () => {
  it('names operator, action, target and outcome of every call, refused ones too, and no token', async () => {
    const id = await requested(ann.token);
    await step(ann.token, id, 'grant');
    await step(bob.token, id, 'grant', { reason: 'canary-reason' });
    await admin.ask({ path: '/admin/operators', token: bob.token });
    await admin.ask({ path: '/admin/nothing', token: bob.token });
    await admin.ask({ path: '/admin/usage', token: `${bob.token.slice(0, -1)}!` });
    expect(admin.records).toEqual([
      { operator: 'ann', token: ann.id, action: 'approvals request', target: undefined, outcome: 'done', detail: undefined, status: 201 },
      { operator: 'ann', token: ann.id, action: 'approvals grant', target: id, outcome: 'own_request', detail: undefined, status: 403 },
      { operator: 'bob', token: bob.id, action: 'approvals grant', target: id, outcome: 'done', detail: undefined, status: 200 },
      {
        operator: 'bob',
        token: bob.id,
        action: 'operators list',
        target: undefined,
        outcome: 'role_insufficient',
        detail: undefined,
        status: 403,
      },
      { operator: 'bob', token: bob.id, action: undefined, target: undefined, outcome: 'path_unknown', detail: undefined, status: 404 },
      {
        operator: undefined,
        token: undefined,
        action: undefined,
        target: undefined,
        outcome: 'credential_invalid',
        detail: undefined,
        status: 401,
      },
    ]);
    expect(JSON.stringify(admin.records)).not.toMatch(/op_|canary/);
  });
});
