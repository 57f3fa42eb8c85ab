import { describe, expect, it } from 'vitest';
import { judgeOrder, providerPath, type OrderFacts } from '../../../src/policy/order.ts';

const PROVIDERS: OrderFacts['providers'] = new Map([
  ['openai', { api: 'openai', authority: 'api.openai.com', basePath: '' }],
  ['in-house', { api: 'openai', authority: 'ollama.internal:11434', basePath: '/eu/v1' }],
  ['anthropic', { api: 'anthropic', authority: 'api.anthropic.com', basePath: '' }],
]);

const facts = (more: Partial<OrderFacts>): OrderFacts => ({
  targets: [
    { provider: 'openai', model: 'gpt-4o-2024-11-20' },
    { provider: 'in-house', model: 'llama3.1:70b' },
  ],
  providers: PROVIDERS,
  api: 'openai',
  path: '/v1/chat/completions',
  mayUse: () => true,
  isLive: () => true,
  ...more,
});

describe('the order of targets', () => {
  it('is the declared one, each with its own path, host and model name', () => {
    expect(judgeOrder(facts({}))).toEqual({
      kind: 'next',
      found: [
        { cluster: 'openai', model: 'gpt-4o-2024-11-20', path: '/v1/chat/completions', authority: 'api.openai.com' },
        { cluster: 'in-house', model: 'llama3.1:70b', path: '/eu/v1/chat/completions', authority: 'ollama.internal:11434' },
      ],
    });
  });

  it.each<[string, Partial<OrderFacts>, readonly string[]]>([
    ['a target that may not be used', { mayUse: (provider) => provider !== 'in-house' }, ['openai']],
    ['a first target that may not be used', { mayUse: (provider) => provider !== 'openai' }, ['in-house']],
    ['a target that is not live', { isLive: (provider) => provider !== 'openai' }, ['in-house']],
    [
      'a target of the other API',
      {
        targets: [
          { provider: 'anthropic', model: 'x' },
          { provider: 'openai', model: 'y' },
        ],
      },
      ['openai'],
    ],
  ])('leaves out %s', (_, more, clusters) => {
    const order = judgeOrder(facts(more));
    expect(order.kind === 'next' ? order.found.map((attempt) => attempt.cluster) : order).toEqual(clusters);
  });

  it.each<[string, Partial<OrderFacts>, string]>([
    ['none speaks the API', { api: 'anthropic' }, 'model_operation_unsupported'],
    ['there are none', { targets: [] }, 'model_operation_unsupported'],
    ['their provider is unknown', { targets: [{ provider: 'ghost', model: 'x' }] }, 'model_operation_unsupported'],
    ['none may be used', { mayUse: () => false }, 'model_not_allowed'],
    ['none is live', { isLive: () => false }, 'model_unavailable'],
  ])('denies where %s', (_, more, code) => {
    expect(judgeOrder(facts(more))).toMatchObject({ kind: 'deny', denial: { code } });
  });
});

describe('where a provider has an endpoint', () => {
  it.each<['openai' | 'anthropic', string, string, string]>([
    ['openai', '', '/v1/chat/completions', '/v1/chat/completions'],
    ['openai', '/v1', '/v1/chat/completions', '/v1/chat/completions'],
    ['openai', '/openai/v1', '/v1/embeddings', '/openai/v1/embeddings'],
    ['openai', '/v1beta/openai', '/v1/chat/completions', '/v1beta/openai/chat/completions'],
    ['anthropic', '', '/v1/messages?beta=true', '/v1/messages?beta=true'],
    ['anthropic', '/proxy', '/v1/messages', '/proxy/v1/messages'],
  ])('%s with base path %j: %s is %s', (api, basePath, path, expected) => {
    expect(providerPath({ api, basePath }, path)).toBe(expected);
  });
});
