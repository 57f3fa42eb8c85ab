import { describe, expect, it } from 'vitest';
import type { Caller } from '../../../src/core/caller.ts';
import { must } from '../../../src/core/assert.ts';
import {
  allowsModel,
  allowsProvider,
  judgeAccess,
  judgeModel,
  judgeNetwork,
  judgeOperation,
  prepareAccess,
  type Access,
  type AccessSettings,
  type KeyScope,
} from '../../../src/policy/access.ts';

const policy = (models: readonly string[], more: Partial<PolicyOf> = {}): PolicyOf => ({
  models,
  operations: undefined,
  providers: undefined,
  networks: undefined,
  masking: undefined,
  injection: undefined,
  ...more,
});
type PolicyOf = AccessSettings['policies'] extends ReadonlyMap<string, infer P> ? P : never;

const TABLES = prepareAccess({
  models: new Map(['gpt-4o', 'gpt-4o-mini', 'claude'].map((name) => [name, {}])),
  policies: new Map([
    ['standard', policy(['gpt-4o-mini'])],
    ['premium', policy(['gpt-4o*', 'claude'])],
    ['chat-only', policy(['*'], { operations: ['chat'] })],
    ['inside', policy(['*'], { networks: ['10.0.0.0/8'] })],
    ['one-provider', policy(['*'], { providers: ['openai'] })],
  ]),
  teams: new Map([
    ['finance', { policy: 'premium', networks: ['192.0.2.0/24'], clients: ['ledger-app'] }],
    ['research', { policy: 'premium', networks: undefined, clients: [] }],
    ['interns', { policy: 'standard', networks: undefined, clients: ['intern-app'] }],
  ]),
  clients: new Map([
    ['batch', { policy: 'chat-only', networks: undefined }],
    ['orphan', { policy: 'gone', networks: undefined }],
  ]),
  tiers: new Map([['basic', { policy: 'standard' }]]),
});

const caller = (facts: Partial<Caller>): Caller => ({
  kind: 'jwt',
  key: undefined,
  client: 'someone',
  user: undefined,
  team: undefined,
  tier: undefined,
  issuer: undefined,
  jti: undefined,
  expiresAtMs: undefined,
  address: undefined,
  ...facts,
});

const scope = (facts: Partial<KeyScope>): KeyScope => ({
  policy: undefined,
  models: undefined,
  operations: undefined,
  networks: undefined,
  ...facts,
});

function accessOf(facts: Partial<Caller>, key?: KeyScope): Access {
  const judged = judgeAccess(caller(facts), key, TABLES);
  must(judged.kind === 'next', 'access was expected');
  return judged.found;
}

describe('who gets which policy', () => {
  it.each<[string, Partial<Caller>, KeyScope | undefined]>([
    ['nothing assigned', {}, undefined],
    ['an unknown team', { team: 'ghosts' }, undefined],
    ['an unknown tier', { tier: 'ghosts' }, undefined],
    ['a client whose policy is not declared any more', { client: 'orphan', team: 'research' }, undefined],
    ['a key whose policy is not declared any more', { team: 'research' }, scope({ policy: 'gone' })],
    ['a key with a scope but no policy', {}, scope({ models: ['*'] })],
    ['a team that is not declared (any more), beside a client policy', { client: 'batch', team: 'ghosts' }, undefined],
    ['a tier that is not declared (any more), beside a team', { team: 'research', tier: 'ghosts' }, undefined],
    ['a team that is not declared, where the client has one', { client: 'ledger-app', team: 'ghosts' }, undefined],
    ['a team named like a member of every object', { team: 'constructor' }, undefined],
  ])('denies %s', (_, facts, key) => {
    expect(judgeAccess(caller(facts), key, TABLES)).toMatchObject({ kind: 'deny', denial: { code: 'policy_missing' } });
  });

  it.each<[string, Partial<Caller>, KeyScope | undefined, readonly string[]]>([
    ['a team', { team: 'research' }, undefined, ['claude', 'gpt-4o', 'gpt-4o-mini']],
    ['a team by its list of clients', { client: 'ledger-app' }, undefined, ['claude', 'gpt-4o', 'gpt-4o-mini']],
    ['a tier', { tier: 'basic' }, undefined, ['gpt-4o-mini']],
    ['a team by its list of clients beside that of the token', { client: 'intern-app', team: 'research' }, undefined, ['gpt-4o-mini']],
    ['team and tier: both must allow', { team: 'research', tier: 'basic' }, undefined, ['gpt-4o-mini']],
    ['a key policy', {}, scope({ policy: 'standard' }), ['gpt-4o-mini']],
    ['a key that narrows its team', { team: 'research' }, scope({ models: ['gpt-4o'] }), ['gpt-4o']],
    ['a key that asks for more than its team', { tier: 'basic' }, scope({ models: ['*'] }), ['gpt-4o-mini']],
    ['a key with an empty list', { team: 'research' }, scope({ models: [] }), []],
  ])('gives the models of %s', (_, facts, key, models) => {
    const access = accessOf(facts, key);
    expect([...TABLES.declared].filter((model) => allowsModel(access, model)).toSorted()).toEqual(models);
  });
});

describe('one key asked about again', () => {
  it('is judged for each caller by that caller, in any order', () => {
    const key = scope({ models: ['*'] });
    const modelsOf = (facts: Partial<Caller>): readonly string[] =>
      [...TABLES.declared].filter((model) => allowsModel(accessOf(facts, key), model)).toSorted();
    for (let round = 0; round < 2; round += 1) {
      expect(modelsOf({ tier: 'basic' })).toEqual(['gpt-4o-mini']);
      expect(modelsOf({ team: 'research' })).toEqual(['claude', 'gpt-4o', 'gpt-4o-mini']);
      expect(modelsOf({ client: 'intern-app' })).toEqual(['gpt-4o-mini']);
      expect(judgeAccess(caller({ team: 'ghosts' }), key, TABLES)).toMatchObject({ kind: 'deny' });
      expect(judgeAccess(caller({}), key, TABLES)).toMatchObject({ kind: 'deny' });
    }
  });

  it('is judged by the tables that are in force', () => {
    const key = scope({});
    const team = caller({ team: 'research' });
    expect(judgeAccess(team, key, TABLES).kind).toBe('next');
    expect(judgeAccess(team, key, { ...TABLES, teams: new Map() })).toMatchObject({ kind: 'deny' });
    expect(judgeAccess(team, key, TABLES).kind).toBe('next');
  });
});

describe('what a policy allows', () => {
  it.each(['gpt-4', 'gpt-4O', 'GPT-4o', 'gpt-4o-audio', ' gpt-4o', 'gpt-4o\u0000', '*', 'gpt-4o*', '__proto__', ''])(
    'answers %j, which is not declared, like a forbidden model',
    (model) => {
      expect(judgeModel(accessOf({ team: 'research' }), TABLES, model)).toMatchObject({
        kind: 'deny',
        denial: { code: 'model_not_allowed' },
      });
    },
  );

  it.each([
    ['gpt-4o-mini', 'next'],
    ['claude', 'deny'],
    ['gpt-4o', 'deny'],
  ])('judges %s, which is declared, by its patterns: %s', (model, kind) => {
    expect(judgeModel(accessOf({ team: 'interns' }), TABLES, model).kind).toBe(kind);
  });

  it('keeps operations', () => {
    const access = accessOf({ client: 'batch' });
    expect(judgeOperation(access, 'chat').kind).toBe('next');
    expect(judgeOperation(access, 'embeddings')).toMatchObject({
      kind: 'deny',
      denial: { code: 'operation_not_allowed', publicHint: 'The operation is "embeddings".' },
    });
  });

  it('keeps a key from an operation that only its policy has', () => {
    const access = accessOf({ team: 'research' }, scope({ operations: ['embeddings'] }));
    expect(judgeOperation(access, 'chat').kind).toBe('deny');
    expect(judgeOperation(access, 'embeddings').kind).toBe('next');
  });

  it('keeps providers', () => {
    const access = accessOf({}, scope({ policy: 'one-provider' }));
    expect(allowsProvider(access, 'openai')).toBe(true);
    expect(allowsProvider(access, 'in-house')).toBe(false);
  });

  it.each<[string, Partial<Caller>, KeyScope | undefined, string | undefined, boolean]>([
    ['inside the team’s network', { team: 'finance' }, undefined, '192.0.2.9', true],
    ['outside it', { team: 'finance' }, undefined, '192.0.3.9', false],
    ['an address that could not be told', { team: 'finance' }, undefined, undefined, false],
    ['no network rule and no address', { team: 'research' }, undefined, undefined, true],
    ['inside the team’s but outside the key’s', { team: 'finance' }, scope({ networks: ['10.0.0.0/8'] }), '192.0.2.9', false],
    ['inside the policy’s', {}, scope({ policy: 'inside' }), '10.1.2.3', true],
  ])('keeps networks: %s', (_, facts, key, address, allowed) => {
    expect(judgeNetwork(accessOf(facts, key), address).kind).toBe(allowed ? 'next' : 'deny');
  });
});
