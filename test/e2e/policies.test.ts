import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { KeyRecord } from '../../src/ports/key-store.ts';
import { ask, chatBody, observe, parseJson, type Answered, type Ask } from '../support/ask.ts';
import { openDoor, type Door } from '../support/door.ts';
import { makeIdentities, type Identities } from '../support/identities.ts';

const MODELS = ['claude', 'embed', 'large', 'small', 'spare'] as const;
const office = '203.0.113.9';
const elsewhere = '198.51.100.7';

const headers = (address: string): readonly (readonly [string, string])[] => [['x-forwarded-for', address]];

const listSchema = z.object({ data: z.array(z.object({ id: z.string() })) });

describe('policies', () => {
  let door: Door;
  let identities: Identities;
  beforeAll(async () => {
    identities = makeIdentities();
    door = await openDoor({
      settings: (raw) => {
        raw.edge.trustedHops = 1;
        identities.apply(raw);
        raw.policies = {
          everything: { models: ['*'] },
          'two-models': { models: ['small', 'embed'] },
          'by-prefix': { models: ['s*', 'lar*'] },
          chatting: { models: ['*'], operations: ['chat', 'models'] },
          embedding: { models: ['*'], operations: ['embeddings', 'models'] },
          'beta-only': { models: ['*'], providers: ['beta'] },
          'alpha-only': { models: ['*'], providers: ['alpha'] },
          'in-office': { models: ['*'], networks: ['203.0.113.0/24', '2001:db8::/32'] },
        };
        raw.teams = {
          finance: { policy: 'everything', clients: ['ledger-app'] },
          research: { policy: 'by-prefix', clients: ['lab-app'] },
          traders: { policy: 'everything', networks: ['203.0.113.0/24'] },
        };
        raw.clients = {
          narrowed: { policy: 'two-models' },
          chatter: { policy: 'chatting' },
          branch: { policy: 'everything', networks: [`${office}/32`] },
        };
        raw.tiers = { gold: { policy: 'everything' }, bronze: { policy: 'two-models' }, offline: { policy: 'embedding' } };
      },
    });
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
    identities[Symbol.dispose]();
  });

  const nobody: Partial<KeyRecord> = { client: 'anybody', team: undefined };
  const keyOf = async (record: Partial<KeyRecord>): Promise<string> => (await door.createKey({ ...nobody, ...record })).key;
  const use = (bearer: string, model: string, address = office): Promise<Answered> => {
    const from = { bearer, headers: headers(address) };
    if (model === 'embed') {
      return ask(door, { ...from, path: '/v1/embeddings', body: { model, input: 'hello', dimensions: 4 } });
    }
    return model === 'claude'
      ? ask(door, {
          bearer,
          path: '/v1/messages',
          headers: [...headers(address), ['anthropic-version', '2023-06-01']],
          body: { ...chatBody(model), max_tokens: 8 },
        })
      : ask(door, { ...from, body: chatBody(model) });
  };
  const list = async (bearer: string, address = office): Promise<readonly string[]> => {
    const answer = await ask(door, { bearer, method: 'GET', path: '/v1/models', headers: headers(address), body: undefined });
    expect(answer.status).toBe(200);
    return listSchema.parse(parseJson(answer.text)).data.map(({ id }) => id);
  };

  describe('what is listed is what may be used, and nothing else', () => {
    const granted: readonly (readonly [string, Partial<KeyRecord>, readonly string[]])[] = [
      ['the policy of the key', { policy: 'two-models' }, ['embed', 'small']],
      ['the policy of the client', { client: 'narrowed' }, ['embed', 'small']],
      ['the policy of the team', { team: 'research' }, ['large', 'small', 'spare']],
      ['the team that names the client', { client: 'ledger-app' }, MODELS],
      ['the policy of the tier', { tier: 'bronze' }, ['embed', 'small']],
      ['team and tier together', { team: 'research', tier: 'bronze' }, ['small']],
      ['a wide key in a narrow team', { team: 'research', policy: 'everything' }, ['large', 'small', 'spare']],
      ['a narrow key in a wide team', { team: 'finance', policy: 'two-models' }, ['embed', 'small']],
      ['key, client, team and tier', { policy: 'everything', client: 'narrowed', team: 'research', tier: 'gold' }, ['small']],
      ['models of the key itself, by name', { policy: 'everything', models: ['large', 'not-declared'] }, ['large']],
      ['models of the key itself, by prefix', { team: 'research', models: ['sp*', 'e*'] }, ['spare']],
      ['a prefix that is a whole name', { policy: 'everything', models: ['large*'] }, ['large']],
      ['the providers of a policy', { policy: 'beta-only' }, ['spare']],
      ['providers of two policies that share none', { policy: 'beta-only', client: 'narrowed' }, []],
      ['nothing in common', { policy: 'two-models', models: ['large'] }, []],
    ];
    it.each(granted)('%s', async (_what, record, allowed) => {
      const key = await keyOf(record);
      expect(await list(key)).toEqual(allowed);
      for (const model of MODELS) {
        const before = door.arrived();
        const answer = await use(key, model);
        const expected = allowed.includes(model) ? { status: 200, arrived: 1 } : { status: 403, arrived: 0 };
        expect([model, answer.status, door.arrived() - before]).toEqual([model, expected.status, expected.arrived]);
      }
    });
  });

  it('never asks a provider that the policy leaves out, not even second', async () => {
    const key = await keyOf({ policy: 'alpha-only' });
    const undo = door.providers.alpha.behave({ kind: 'status', status: 503, body: { error: { message: 'overloaded' } } });
    const seen = await observe(door, { bearer: key, headers: headers(office), body: chatBody('spare') });
    undo();
    expect(seen).toMatchObject({ status: 503, arrived: 1, line: { provider: 'alpha', attempts: 1, status: 503 } });
  });

  it('asks the second provider alone where the policy leaves out the first', async () => {
    const seen = await observe(door, { bearer: await keyOf({ policy: 'beta-only' }), headers: headers(office), body: chatBody('spare') });
    expect(seen).toMatchObject({ status: 200, arrived: 1, line: { provider: 'beta', attempts: 1 } });
    expect(parseJson(door.providers.beta.requests.at(-1)?.body.toString() ?? '')).toMatchObject({ model: 'beta-large' });
  });

  describe('no policy is no access', () => {
    it.each<[string, Partial<KeyRecord>]>([
      ['nothing assigned', {}],
      ['a policy that the settings do not have any more', { policy: 'removed' }],
      ['a removed policy beside a good one', { policy: 'removed', team: 'finance' }],
      ['a team that the settings do not have any more', { team: 'dissolved' }],
      ['a tier that the settings do not have any more', { tier: 'platinum' }],
      ['a removed team beside a good policy', { team: 'dissolved', policy: 'everything' }],
      ['a removed tier beside a good team', { tier: 'platinum', team: 'finance' }],
      ['a name of the object prototype', { team: 'constructor', tier: '__proto__', client: 'toString' }],
    ])('%s', async (_what, record) => {
      const bearer = await keyOf(record);
      const seen = await observe(door, { bearer, headers: headers(office) });
      expect(seen).toMatchObject({ status: 403, code: 'policy_missing', arrived: 0 });
      const models = await ask(door, { bearer, method: 'GET', path: '/v1/models', headers: headers(office), body: undefined });
      expect(models).toMatchObject({ status: 403, code: 'policy_missing' });
    });
  });

  describe('operations', () => {
    const embeddings: Ask = { path: '/v1/embeddings', body: { model: 'embed', input: 'x', dimensions: 4 } };
    const responses: Ask = { path: '/v1/responses', body: { model: 'large', input: 'x' } };
    const completions: Ask = { path: '/v1/completions', body: { model: 'large', prompt: 'x' } };
    const models: Ask = { path: '/v1/models', method: 'GET', body: undefined };
    const chat: Ask = { body: chatBody() };

    it.each<[string, Partial<KeyRecord>, Ask, number]>([
      ['a client that may chat', { client: 'chatter' }, chat, 200],
      ['a client that may chat', { client: 'chatter' }, models, 200],
      ['a client that may chat', { client: 'chatter' }, embeddings, 403],
      ['a client that may chat', { client: 'chatter' }, responses, 403],
      ['a client that may chat', { client: 'chatter' }, completions, 403],
      ['a tier that may embed', { tier: 'offline' }, embeddings, 200],
      ['a tier that may embed', { tier: 'offline' }, chat, 403],
      ['both at once', { client: 'chatter', tier: 'offline' }, chat, 403],
      ['both at once', { client: 'chatter', tier: 'offline' }, embeddings, 403],
      ['both at once', { client: 'chatter', tier: 'offline' }, models, 200],
      ['a key narrowed to completions', { team: 'finance', operations: ['completions'] }, completions, 200],
      ['a key narrowed to completions', { team: 'finance', operations: ['completions'] }, chat, 403],
      ['a key narrowed to completions', { team: 'finance', operations: ['completions'] }, models, 403],
    ])('%s (%#)', async (_what, record, asked, status) => {
      const before = door.arrived();
      const answer = await ask(door, { ...asked, bearer: await keyOf(record), headers: headers(office) });
      expect(answer).toMatchObject({ status, code: status === 403 ? 'operation_not_allowed' : undefined });
      expect(door.arrived() - before).toBe(status === 200 && asked !== models ? 1 : 0);
    });
  });

  describe('networks', () => {
    it.each([
      ['of a policy', { policy: 'in-office' }],
      ['of a team', { team: 'traders' }],
      ['of a client', { client: 'branch' }],
      ['of a key', { team: 'finance', networks: ['203.0.113.0/24'] }],
      ['of a tier’s policy beside a wider key', { tier: 'gold', policy: 'in-office', networks: ['0.0.0.0/0'] }],
      ['of all of them', { policy: 'in-office', team: 'traders', client: 'branch', networks: [office] }],
    ] as const)('%s let in the office and nobody else', async (_what, record) => {
      const bearer = await keyOf(record);
      const inside = await observe(door, { bearer, headers: headers(office) });
      expect(inside).toMatchObject({ status: 200, arrived: 1, line: { address: office } });
      const outside = await observe(door, { bearer, headers: headers(elsewhere) });
      expect(outside).toMatchObject({ status: 403, code: 'network_not_allowed', arrived: 0, line: { address: elsewhere } });
    });

    it('that share nothing let nobody in', async () => {
      const bearer = await keyOf({ team: 'traders', networks: [`${elsewhere}/32`] });
      for (const address of [office, elsewhere]) {
        expect(await ask(door, { bearer, headers: headers(address) })).toMatchObject({ status: 403, code: 'network_not_allowed' });
      }
    });

    it('bound the list of models too', async () => {
      const asked = { bearer: await keyOf({ team: 'traders' }), method: 'GET', path: '/v1/models', body: undefined };
      expect(await ask(door, { ...asked, headers: headers(elsewhere) })).toMatchObject({ status: 403, code: 'network_not_allowed' });
    });
  });

  it('answers for a forbidden model as for one that does not exist', async () => {
    const bearer = await keyOf({ policy: 'two-models' });
    const answers = await Promise.all(
      ['large', 'does-not-exist', 'SMALL', 'small ', 'smal', '__proto__'].map((model) =>
        ask(door, { bearer, headers: headers(office), body: chatBody(model) }),
      ),
    );
    expect(answers.map(({ status, code }) => `${String(status)} ${String(code)}`)).toEqual(answers.map(() => '403 model_not_allowed'));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  it('ends with the expiry of the key, while it is in use', async () => {
    const expiresAtMs = Date.now() + 1_500;
    const bearer = await keyOf({ team: 'finance', expiresAtMs });
    let last = await ask(door, { bearer, headers: headers(office) });
    expect(last.status).toBe(200);
    while (last.status === 200) {
      expect(Date.now()).toBeLessThan(expiresAtMs + 1_000);
      last = await ask(door, { bearer, headers: headers(office) });
    }
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAtMs);
    expect(last).toMatchObject({ status: 401, code: 'credential_expired' });
  });

  describe('tokens', () => {
    it.each([
      ['team and tier of the token', { client_id: 'anybody', team: 'research', tier: 'bronze' }, ['small']],
      ['the client of the token', { client_id: 'narrowed', team: undefined }, ['embed', 'small']],
      ['the team that names the client, where the token names none', { client_id: 'ledger-app', team: undefined }, MODELS],
      ['a wider team of the token, which lifts nothing', { client_id: 'lab-app', team: 'finance' }, ['large', 'small', 'spare']],
      ['the team of the token, where another names the client', { client_id: 'ledger-app', team: 'research' }, ['large', 'small', 'spare']],
    ])('%s', async (_what, claims, allowed) => {
      expect(await list(identities.token(claims))).toEqual(allowed);
    });
  });
});
