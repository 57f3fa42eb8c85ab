import { describe, expect, it } from 'vitest';
import type { Access } from '../../../src/policy/access.ts';
import { judgeModelOrder } from '../../../src/policy/judge-model-order.ts';

const provider = { api: 'openai', authority: 'alpha.example.com', basePath: '' } as const;
const model = { targets: [{ provider: 'alpha', model: 'alpha-large' }] };
const nothing = { operations: undefined, networks: undefined, masking: undefined, injection: undefined, policy: 'standard' };
const access = (models: readonly string[], providers?: readonly string[]): Access => [
  { ...nothing, models: new Set(models), providers: providers === undefined ? undefined : new Set(providers) },
];

const judge = (may: Access, { name = 'large', live = true, models = new Map([['large', model]]) } = {}) =>
  judgeModelOrder({
    access: may,
    tables: {
      declared: new Set(['large', 'gone']),
      policies: new Map(),
      teams: new Map(),
      teamOfClient: new Map(),
      clients: new Map(),
      tiers: new Map(),
    },
    models,
    name,
    providers: new Map([['alpha', provider]]),
    api: 'openai',
    path: '/v1/chat/completions',
    isLive: () => live,
  });

const codeOf = (outcome: ReturnType<typeof judge>) => (outcome.kind === 'deny' ? outcome.denial.code : outcome.kind);

describe('the model of a request', () => {
  it.each([
    ['that no policy allows', judge(access(['small'])), 'model_not_allowed'],
    ['that is not declared', judge(access(['other']), { name: 'other' }), 'model_not_allowed'],
    ['that is declared and has no targets', judge(access(['gone']), { name: 'gone' }), 'model_not_allowed'],
    ['whose providers are not allowed', judge(access(['large'], ['beta'])), 'model_not_allowed'],
    ['without a live target', judge(access(['large']), { live: false }), 'model_unavailable'],
  ])('is refused: one %s', (_name, outcome, code) => {
    expect(codeOf(outcome)).toBe(code);
  });

  it('comes with its targets in their order', () => {
    const found = judge(access(['large']));
    expect(found).toMatchObject({ kind: 'next', found: { order: [{ cluster: 'alpha', model: 'alpha-large' }] } });
    expect(found.kind === 'next' && found.found.model).toBe(model);
  });
});
