import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseSettings } from '../../../src/config/load.ts';
import { preparePrices } from '../../../src/prepare.ts';
import { unpricedBudgets } from '../../../src/pricing.ts';

const problemsOf = (changes: object): readonly string[] => {
  const settings = parseSettings(
    stringify({
      version: 1,
      listen: { grpc: 'unix:grpc.sock', sds: 'unix:sds.sock', health: '127.0.0.1:0' },
      edge: { listen: '127.0.0.1:0', certificate: 'file:tls.pem' },
      store: 'sqlite:sallyport.db',
      providers: {
        known: { api: 'openai', url: 'https://api.openai.com', credential: 'none' },
        own: { api: 'openai', url: 'https://llm.example', credential: 'none' },
      },
      models: {
        listed: { targets: [{ provider: 'known', model: 'gpt-4o-mini' }] },
        embed: { targets: [{ provider: 'known', model: 'text-embedding-3-small' }] },
        local: {
          targets: [
            { provider: 'known', model: 'gpt-4o-mini' },
            { provider: 'own', model: 'llama' },
          ],
        },
      },
      identity: { virtualKeys: { pepper: 'file:pepper' } },
      policies: { all: { models: ['*'] }, narrow: { models: ['listed', 'embed'] } },
      ...changes,
    }),
    '/etc/sallyport/sallyport.yaml',
  );
  return unpricedBudgets(settings, preparePrices(settings)).map(({ path, message }) => `${path}: ${message}`);
};

const complaint = (place: string): string =>
  `models.local.targets.1: "llama" at "own" has no known price, and ${place} limits money: state it as prices.providers.own.llama, or set prices.ceiling`;

describe('a budget on models without a price', () => {
  it.each([
    ['limits.global', { limits: { global: { budget: '5 USD/day' } } }],
    ['limits.models.local', { limits: { models: { local: { budget: '5 USD/day' } } } }],
    ['limits of each user', { limits: { perUser: { budget: '5 USD/day' } } }],
    ['policies.all.limits', { policies: { all: { models: ['*'], limits: { budget: '5 USD/day' } } } }],
    ['limits.global', { limits: { global: { budget: { limit: '5 USD/day', model: 'local' } } } }],
  ])('is refused, wherever it stands: %s', (place, changes) => {
    expect(problemsOf(changes)).toEqual([complaint(place)]);
  });

  it.each([
    ['no budget', {}],
    ['other limits', { limits: { global: { tokens: '5/day', requests: '5/day', concurrent: 1 } } }],
    [
      'a budget on others',
      { policies: { narrow: { models: ['listed', 'embed'], limits: { budget: '5 USD/day' } }, all: { models: ['*'] } } },
    ],
    ['a budget on another model', { limits: { global: { budget: { limit: '5 USD/day', model: 'listed' } } } }],
    ['a price', { limits: { global: { budget: '5 USD/day' } }, prices: { providers: { own: { 'llama*': { input: 0, output: 0 } } } } }],
    ['a ceiling', { limits: { global: { budget: '5 USD/day' } }, prices: { ceiling: { input: 10, output: 30 } } }],
  ])('is none where there is %s', (_name, changes) => {
    expect(problemsOf(changes)).toEqual([]);
  });
});
