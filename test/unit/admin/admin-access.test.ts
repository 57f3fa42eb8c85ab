import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_ROUTES } from '../../../src/admin/admin-routes.ts';
import type { AdminSource } from '../../../src/admin/admin-source.ts';
import { OPERATOR_ROLES, type OperatorRole } from '../../../src/core/operator.ts';
import { composeOperatorToken } from '../../../src/policy/operator-token.ts';
import { composeVirtualKey } from '../../../src/policy/virtual-key.ts';
import { StoreError } from '../../../src/ports/key-store.ts';
import { adminNowMs, openTestAdmin, type AdminAsk, type TestAdmin } from '../../support/admin.ts';

let admin: TestAdmin;
const tokens = new Map<OperatorRole, string>();
beforeAll(async () => {
  admin = await openTestAdmin();
  for (const role of OPERATOR_ROLES) {
    tokens.set(role, (await admin.createOperator(`the-${role}`, role)).token);
  }
});
afterAll(async () => {
  await admin[Symbol.asyncDispose]();
});

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const denials = [401, 403];
const unknownId = 'ZZZZZZZZZZ';

/** Every route with a call that is right but for its id, and what each role gets. `-` = whatever is no 401 and no 403. */
const MATRIX: readonly (readonly [
  call: string,
  body: object | undefined,
  nobody: number,
  viewer: number | '-',
  approver: number | '-',
  admin: number | '-',
])[] = [
  ['GET /admin/usage', undefined, 401, '-', '-', '-'],
  ['GET /admin/approvals', undefined, 401, '-', '-', '-'],
  ['POST /admin/approvals', {}, 401, '-', '-', '-'],
  ['POST /admin/approvals/{id}/grant', { reason: 'x' }, 401, 403, '-', '-'],
  ['POST /admin/approvals/{id}/deny', { reason: 'x' }, 401, 403, '-', '-'],
  ['POST /admin/approvals/{id}/revoke', { reason: 'x' }, 401, 403, '-', '-'],
  ['GET /admin/operators', undefined, 401, 403, 403, '-'],
  ['POST /admin/operators/{id}/revoke', {}, 401, 403, 403, '-'],
];

const cells = MATRIX.flatMap(([call, body, nobody, ...roles]) => [
  [call, 'nobody', body, nobody] as const,
  ...OPERATOR_ROLES.map((role, index) => [call, role, body, roles[index] ?? 0] as const),
]);

describe('X7: role × call', () => {
  it('is written down for every route there is (X6: all of them about data)', () => {
    expect(ADMIN_ROUTES.map(({ method, path }) => `${method} ${path}`)).toEqual(MATRIX.map(([call]) => call));
  });

  it.each(cells)('%s by %s', async (call, role, body, status) => {
    const [method = '', path = ''] = call.split(' ');
    const token = OPERATOR_ROLES.find((each) => each === role);
    const answer = await admin.ask({
      method,
      path: path.replace('{id}', unknownId),
      token: token === undefined ? undefined : tokens.get(token),
      ...(body === undefined ? {} : { body }),
    });
    if (status === '-') {
      expect(denials).not.toContain(answer.status);
    } else {
      expect([answer.status, answer.code]).toEqual([status, status === 401 ? 'credential_missing' : 'role_insufficient']);
    }
  });
});

const list = (headers: NonNullable<AdminAsk['headers']>, token?: string): AdminAsk => ({ path: '/admin/approvals', token, headers });

describe('who is calling', () => {
  it.each<[string, string, (good: string) => AdminAsk]>([
    ['no token', 'credential_missing', () => list({})],
    ['a token in the query', 'credential_missing', (good) => ({ path: `/admin/approvals?token=${good}` })],
    ['a token in a cookie', 'credential_missing', (good) => list({ cookie: `token=${good}` })],
    ['a token as x-api-key', 'credential_missing', (good) => list({ 'x-api-key': good })],
    ['an empty header', 'credential_invalid', () => list({ authorization: '' })],
    ['no scheme', 'credential_invalid', (good) => list({ authorization: good })],
    ['another scheme', 'credential_invalid', (good) => list({ authorization: `Basic ${good}` })],
    ['two spaces', 'credential_invalid', (good) => list({ authorization: `Bearer  ${good}` })],
    ['two tokens in one', 'credential_invalid', (good) => list({ authorization: `Bearer ${good},${good}` })],
    ['the same header twice', 'credential_ambiguous', (good) => list({ authorization: [`Bearer ${good}`, `Bearer ${good}`] })],
    ['a good and a bad one', 'credential_ambiguous', (good) => list({ authorization: [`Bearer ${good}`, 'Bearer x'] })],
    ['a token that was never issued', 'credential_invalid', () => list({}, composeOperatorToken(randomBytes).token)],
    ['a virtual key', 'credential_invalid', () => list({}, composeVirtualKey('live', randomBytes).key)],
    ['the text null', 'credential_invalid', () => list({}, 'null')],
    ['bytes for a store', 'credential_invalid', () => list({}, "op_' OR 1=1 --")],
  ])('%s is %s', async (_name, code, asked) => {
    const { token } = await admin.createOperator('ann', 'admin');
    const answer = await admin.ask(asked(token));
    expect([answer.status, answer.code]).toEqual([401, code]);
  });

  it('X8: another secret behind a known id is credential_invalid', async () => {
    const { token, id } = await admin.createOperator('ann', 'admin');
    for (let round = 0; round < 3; round += 1) {
      const bytes = randomBytes(64);
      // The same id, another secret, and a checksum that holds.
      const forged = composeOperatorToken((count) =>
        count === 10 ? Uint8Array.from(id, (digit) => digits.indexOf(digit)) : bytes.subarray(0, count),
      );
      expect(forged.id).toBe(id);
      expect(forged.token).not.toBe(token);
      expect(await admin.ask(list({}, forged.token))).toMatchObject({ status: 401, code: 'credential_invalid' });
    }
  });

  it('X9: what the store holds of a token opens nothing', async () => {
    const { id } = await admin.createOperator('ann', 'admin');
    const digest = (await admin.store.findOperator(id))?.digest ?? '';
    for (const stolen of [digest, `op_${digest}`, `op_${id}${digest.slice(0, 38)}`, id]) {
      expect(await admin.ask(list({}, stolen))).toMatchObject({ status: 401, code: 'credential_invalid' });
    }
  });

  it('X13: a revoked or expired token is refused at once, one of the same operator is not', async () => {
    const revoked = await admin.createOperator('ann', 'admin');
    const expired = await admin.createOperator('ann', 'admin', { expiresAtMs: adminNowMs });
    const good = await admin.createOperator('ann', 'admin', { expiresAtMs: adminNowMs + 1 });
    expect((await admin.ask(list({}, revoked.token))).status).toBe(200);
    await admin.store.revokeOperator(revoked.id, adminNowMs);
    expect(await admin.ask(list({}, revoked.token))).toMatchObject({ status: 401, code: 'credential_revoked' });
    expect(await admin.ask(list({}, expired.token))).toMatchObject({ status: 401, code: 'credential_expired' });
    expect((await admin.ask(list({}, good.token))).status).toBe(200);
    admin.at(adminNowMs + 1);
    expect(await admin.ask(list({}, good.token))).toMatchObject({ status: 401, code: 'credential_expired' });
    admin.at(adminNowMs);
  });

  it('X11: nobody is let in while the pepper is not known', async () => {
    await using unknown = await openTestAdmin({ digest: () => undefined });
    const { token } = await unknown.createOperator('ann', 'admin');
    expect(await unknown.ask(list({}, token))).toMatchObject({ status: 503, code: 'pepper_unknown' });
  });

  it.each<[string, Error, number, string]>([
    ['does not answer', new StoreError('timeout', new Error('a detail')), 503, 'store_unavailable'],
    ['is gone', new StoreError('unreachable'), 503, 'store_unavailable'],
    ['is not readable', new StoreError('bad_reply'), 503, 'store_unavailable'],
    ['refuses', new StoreError('refused'), 409, 'store_refused'],
    ['has a defect', new TypeError('a message with a canary'), 500, 'internal'],
  ])('X11: nobody is let in while the store %s', async (_name, error, status, code) => {
    await using failing = await openTestAdmin({ store: failingStore(error) });
    const answer = await failing.ask(list({}, composeOperatorToken(randomBytes).token));
    expect(answer).toMatchObject({ status, code });
    expect(failing.records).toMatchObject([{ operator: undefined, outcome: code, status }]);
    expect(JSON.stringify([answer.text, failing.records])).not.toContain('canary');
  });
});

function failingStore(error: Error): AdminSource['store'] {
  const fail = (): Promise<never> => Promise.reject(error);
  return {
    findOperator: fail,
    listOperators: fail,
    createOperator: fail,
    revokeOperator: fail,
    findApproval: fail,
    listApprovals: fail,
    requestApproval: fail,
    stepApproval: fail,
  };
}

describe('what is asked', () => {
  it.each([
    '/admin',
    '/admin/',
    '/admin/usage/',
    '//admin/usage',
    '/admin//usage',
    '/Admin/usage',
    '/admin/./usage',
    '/admin/x/../usage',
    '/admin/%75sage',
    '/admin/usage%2f',
    '/admin/usage;x',
    '/admin/usage#x',
    '/admin/approvals/AAAAAAAAAA',
    '/admin/approvals/AAAAAAAAA/grant',
    '/admin/approvals/AAAAAAAAAA/grant/',
    '/admin/approvals/AAAAAAAAAA/GRANT',
    '/admin/approvals/../operators',
    '/admin/approvals/{id}/grant',
    '/healthz',
    'http://sallyport/admin/usage',
    '*',
  ])('X10: %s is no page', async (path) => {
    expect(await admin.ask({ path, token: tokens.get('admin') })).toMatchObject({ status: 404, code: 'path_unknown' });
  });

  it.each([
    ['POST', '/admin/usage'],
    ['HEAD', '/admin/usage'],
    ['OPTIONS', '/admin/usage'],
    ['PUT', '/admin/approvals'],
    ['DELETE', '/admin/approvals'],
    ['GET', '/admin/approvals/AAAAAAAAAA/grant'],
    ['POST', '/admin/operators'],
    ['PATCH', '/admin/operators/AAAAAAAAAA/revoke'],
  ])('%s %s is not taken', async (method, path) => {
    expect((await admin.ask({ method, path, token: tokens.get('admin') })).status).toBe(405);
  });

  it('tells somebody without a token nothing about pages', async () => {
    for (const path of ['/admin/usage', '/admin/nothing', '/']) {
      expect(await admin.ask({ path })).toMatchObject({ status: 401, code: 'credential_missing' });
    }
  });

  it.each(['?from=2126-11-01&from=2126-11-02', '?since=2126-11-01', '?a?b', '??', '?__proto__=x'])(
    'refuses the query %s',
    async (query) => {
      expect(await admin.ask({ path: `/admin/usage${query}`, token: tokens.get('viewer') })).toMatchObject({
        status: 400,
        code: 'query_invalid',
      });
    },
  );

  it('refuses a query where there is none', async () => {
    expect(await admin.ask({ path: '/admin/approvals?state=granted', token: tokens.get('viewer') })).toMatchObject({
      code: 'query_invalid',
    });
  });
});
