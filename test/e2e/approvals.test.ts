import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { askSocket } from '../support/admin.ts';
import { ask, chatBody, type Answered } from '../support/ask.ts';
import { openDoor, type CreatedKey, type Door, type LogLine } from '../support/door.ts';
import { until } from '../support/wait.ts';

/** What is promised: the last new exchange is released at most this long after the revocation. */
const lastUseMsMax = 5_000;

const operatorSchema = z.object({ token: z.string(), id: z.string() });
const approvalSchema = z.object({ id: z.string(), state: z.string() });
const usageSchema = z.looseObject({ rows: z.array(z.record(z.string(), z.unknown())), total: z.looseObject({ requests: z.number() }) });

describe('a model that needs an approval, with two processes', () => {
  let door: Door;
  let finance: CreatedKey;
  let sales: CreatedKey;
  const tokens = new Map<string, string>();

  beforeAll(async () => {
    door = await openDoor({
      processes: 2,
      settings: (raw) => {
        raw.listen.admin = ['unix:admin-0.sock', 'unix:admin-1.sock'];
        Object.assign(raw.models['large'] ?? {}, { approval: 'required' });
        Object.assign(raw.teams ?? {}, { sales: { policy: 'standard' } });
        // Something is counted, so that there is a statement.
        raw.limits = { global: { requests: '100k/h' } };
      },
    });
    finance = await door.createKey({ client: 'finance-app', team: 'finance' });
    sales = await door.createKey({ client: 'sales-app', team: 'sales' });
    for (const [name, role] of [
      ['ann', 'approver'],
      ['bob', 'approver'],
      ['vic', 'viewer'],
      ['root', 'admin'],
    ] as const) {
      const { stdout, stderr } = await door.sallyport('operators', 'create', '--name', name, '--role', role, '--json');
      expect(stderr).toContain('Keep the token now');
      const { token } = operatorSchema.parse(JSON.parse(stdout));
      tokens.set(name, token);
      writeFileSync(door.directory.file(name), `${token}\n`, { mode: 0o600 });
    }
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
  });

  const as = (name: string, ...args: readonly string[]) => door.sallyport('approvals', ...args, '--token-file', door.directory.file(name));
  const large = ({ key }: CreatedKey): Promise<Answered> => ask(door, { bearer: key, body: chatBody('large') });
  const isOpen = (key: CreatedKey) => async (): Promise<boolean> => (await large(key)).status === 200;
  const adminLines = (): readonly LogLine[] =>
    door.sidecars.flatMap((sidecar) =>
      sidecar
        .stdout()
        .split('\n')
        .filter((line) => line.includes('"msg":"admin"'))
        .map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line))),
    );

  /** Asks without a pause until it was refused for a second; the time from now to the last request that was let through. */
  const lastUse = async (key: CreatedKey): Promise<number> => {
    const sinceMs = Date.now();
    let lastMs = sinceMs;
    let refusals = 0;
    for (;;) {
      const startedMs = Date.now();
      const answer = await large(key);
      if (answer.status === 200) {
        lastMs = startedMs;
        refusals = 0;
      }
      refusals += answer.code === 'approval_required' ? 1 : 0;
      // Both processes have been asked several times, and a second has passed, without an answer that lets it through.
      if (refusals >= 20 && startedMs - lastMs > 1_000) {
        return lastMs - sinceMs;
      }
      expect(startedMs - sinceMs).toBeLessThan(2 * lastUseMsMax);
    }
  };

  it('is refused without one, before a provider sees a byte; it is listed, and others are served', async () => {
    const before = door.arrived();
    for (let round = 0; round < 4; round += 1) {
      expect(await large(finance)).toMatchObject({ status: 403, code: 'approval_required', shape: 'openai' });
    }
    expect(door.arrived()).toBe(before);
    const models = await ask(door, { method: 'GET', path: '/v1/models', bearer: finance.key, body: undefined });
    expect(models.text).toContain('"large"');
    expect((await ask(door, { bearer: finance.key, body: chatBody('small') })).status).toBe(200);
    await until(() => door.exchanges().some((line) => line['code'] === 'approval_required' && line['detail'] === 'large'), {
      deadlineMs: 5_000,
      what: 'the log line',
    });
  });

  it('is used after another operator’s grant, by whom it covers, until it is revoked', async () => {
    const asked = await as(
      'vic',
      'request',
      '--model',
      'large',
      '--team',
      'finance',
      '--reason',
      'the quarter',
      '--duration',
      '1h',
      '--json',
    );
    const { id } = approvalSchema.parse(JSON.parse(asked.stdout));
    expect((await as('vic', 'grant', id, '--reason', 'mine')).stderr).toContain('role_insufficient');

    const second = await as('ann', 'request', '--model', 'large', '--key', finance.id, '--reason', 'a second one', '--json');
    const other = approvalSchema.parse(JSON.parse(second.stdout)).id;
    expect((await as('ann', 'grant', other, '--reason', 'mine')).stderr).toContain('own_request');
    expect((await as('bob', 'deny', other, '--reason', 'the team has one')).code).toBe(0);
    expect((await large(finance)).code).toBe('approval_required');

    const grantedAtMs = Date.now();
    expect((await as('bob', 'grant', id, '--reason', 'agreed')).code).toBe(0);
    await until(isOpen(finance), { deadlineMs: lastUseMsMax, what: 'the grant to be in force' });
    expect(Date.now() - grantedAtMs).toBeLessThan(2 * lastUseMsMax);
    // One process answers the check of a request and the other decides it.
    await until(
      async () => {
        const answers = await Promise.all(Array.from({ length: 6 }, () => large(finance)));
        return answers.every(({ status }) => status === 200);
      },
      { deadlineMs: lastUseMsMax, what: 'both processes to know the grant' },
    );
    expect((await large(sales)).code).toBe('approval_required');

    expect((await as('ann', 'revoke', id, '--reason', 'over budget')).code).toBe(0);
    expect(await lastUse(finance)).toBeLessThan(lastUseMsMax);
    const list = await as('vic', 'list', '--json');
    expect(JSON.parse(list.stdout)).toMatchObject([
      { id, state: 'revoked', requested: { by: 'vic' }, granted: { by: 'bob', reason: 'agreed' }, revoked: { by: 'ann' } },
      { id: other, state: 'denied', requested: { by: 'ann' }, denied: { by: 'bob' } },
    ]);
  });

  it('leaves a line in the log for each call, by name and without a token', () => {
    expect(adminLines()).toEqual(
      expect.arrayContaining(
        [
          { operator: 'vic', action: 'approvals request', outcome: 'done', status: 201 },
          { operator: 'vic', action: 'approvals grant', outcome: 'role_insufficient', status: 403 },
          { operator: 'ann', action: 'approvals grant', outcome: 'own_request', status: 403 },
          { operator: 'bob', action: 'approvals grant', outcome: 'done', status: 200 },
          { operator: 'ann', action: 'approvals revoke', outcome: 'done', status: 200 },
        ].map((line): unknown => expect.objectContaining(line)),
      ),
    );
    const output = door.sidecars.map((sidecar) => sidecar.stdout() + sidecar.stderr()).join('');
    for (const token of tokens.values()) {
      expect(output).not.toContain(token.slice(13));
    }
  });

  it('keeps the two doors apart: no token opens the one, no key the other', async () => {
    const before = door.arrived();
    for (const headers of [[['authorization', `Bearer ${tokens.get('root') ?? ''}`]], [['x-api-key', tokens.get('root') ?? '']]] as const) {
      expect(await ask(door, { headers, body: chatBody('small') })).toMatchObject({ status: 401, code: 'credential_invalid' });
    }
    expect(door.arrived()).toBe(before);
    for (const socket of door.settings.listen.admin) {
      expect(await askSocket(socket, { path: '/admin/usage', token: finance.key })).toMatchObject({
        status: 401,
        code: 'credential_invalid',
      });
      const stored = (await door.store.list()).find(({ id }) => id === finance.id);
      expect((await askSocket(socket, { path: '/admin/usage', token: stored?.digests[0] })).status).toBe(401);
    }
  });

  it('refuses a revoked operator at once, on every process', async () => {
    const [first = '', second = ''] = door.settings.listen.admin;
    const list = await askSocket(first, { path: '/admin/operators', token: tokens.get('root') });
    const { operators } = z.object({ operators: z.array(z.object({ id: z.string(), name: z.string() })) }).parse(list.json);
    const id = operators.find(({ name }) => name === 'ann')?.id ?? '';
    const revoke = { method: 'POST', path: `/admin/operators/${id}/revoke`, token: tokens.get('root'), body: {} };
    expect(await askSocket(first, revoke)).toMatchObject({ status: 200, json: { state: 'revoked' } });
    expect(await askSocket(second, { path: '/admin/approvals', token: tokens.get('ann') })).toMatchObject({ code: 'credential_revoked' });
  });

  it('shows what was spent alike on the command line and over the API, and as much as the providers saw', async () => {
    const spent = async (): Promise<z.infer<typeof usageSchema>> => {
      const { stdout, code } = await door.sallyport('usage', '--by', 'client,model', '--json');
      expect(code).toBe(0);
      return usageSchema.parse(JSON.parse(stdout));
    };
    const report = await until(
      async () => {
        const found = await spent();
        return found.total.requests === door.arrived() && found;
      },
      { deadlineMs: 30_000, what: 'every exchange to be settled' },
    );
    expect(report.total.requests).toBeGreaterThan(1);
    expect(report.rows).toEqual([
      expect.objectContaining({ client: 'finance-app', model: 'large' }),
      expect.objectContaining({ client: 'finance-app', model: 'small', requests: 1 }),
    ]);
    const [socket = ''] = door.settings.listen.admin;
    const overApi = await askSocket(socket, { path: '/admin/usage?by=client,model', token: tokens.get('vic') });
    expect(overApi.json).toEqual(report);
    const csv = await askSocket(socket, { path: '/admin/usage?by=client&format=csv', token: tokens.get('vic') });
    expect(csv.text).toMatch(/^line,client,requests,tokens,usd\r\nitem,finance-app,\d+,\d+,0\.\d{9}\r\ntotal,,\d+,\d+,0\.\d{9}\r\n$/);
  });
});
