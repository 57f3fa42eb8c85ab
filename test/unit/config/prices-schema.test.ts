import { waitForUpdate } from '@pydantic/genai-prices';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_USAGE } from '../../../src/policy/llm/usage/usage.ts';
import { z } from 'zod';
import { checkPriceRelations, priceList, pricesSchema, resolvePrices } from '../../../src/config/prices-schema.ts';
import { openPriceBook } from '../../../src/policy/prices/price-book.ts';
import { LISTED_AT_MS, priceFacts } from '../../support/price-facts.ts';

const resolved = (raw: unknown) => resolvePrices(pricesSchema.parse(raw));
const stated = (price: unknown): unknown => ({ providers: { openai: { 'gpt-5*': price } } });
/** `path: message` of everything that is wrong. */
const problemsOf = (raw: unknown): readonly string[] =>
  (pricesSchema.safeParse(raw).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('prices in the settings', () => {
  it('may be left out: then nothing is known beyond the lists', () => {
    expect(resolved({})).toEqual({ ceiling: undefined, providers: new Map() });
  });

  it('are read as what they say, texts and numbers alike', () => {
    const settings = resolved({
      ceiling: { input: '30', output: 120 },
      providers: {
        openai: {
          'gpt-5*': {
            input: '1.25',
            output: 10,
            cacheRead: '0.125',
            request: 0.001,
            tiers: [{ above: 272_000, input: 2.5, output: '15', cacheRead: 0.25 }],
            serviceTiers: { priority: { input: 2.5, output: 20 } },
          },
        },
      },
    });
    expect(settings.ceiling).toEqual({ input: 30, output: 120 });
    expect(settings.providers.get('openai')?.get('gpt-5*')).toMatchObject({
      input: 1.25,
      output: 10,
      cacheRead: 0.125,
      cacheWrite: undefined,
      request: 0.001,
      webSearch: undefined,
      tiers: [{ above: 272_000, input: 2.5, output: 15, cacheRead: 0.25 }],
    });
    expect(settings.providers.get('openai')?.get('gpt-5*')?.serviceTiers.get('priority')).toMatchObject({
      input: 2.5,
      output: 20,
      tiers: [],
    });
  });

  it('are what the price book charges, to the last digit', () => {
    fc.assert(
      fc.property(fc.nat({ max: 999_999_999_999 }), (millionths) => {
        const digits = String(millionths).padStart(7, '0');
        const usd = `${digits.slice(0, -6)}.${digits.slice(-6)}`;
        const book = openPriceBook(priceFacts(resolved({ providers: { local: { m: { input: usd } } } })));
        const question = { provider: 'local', model: 'm', servedModel: 'm', serviceTier: undefined, speed: undefined, atMs: LISTED_AT_MS };
        expect(book.priceOf(question, { ...NO_USAGE, inputTokens: 1_000 })).toMatchObject({ kind: 'priced', nanoUsd: millionths });
      }),
    );
  });

  it('may be 0, if it is written', () => {
    expect(
      resolved(stated({ input: 0, output: '0' }))
        .providers.get('openai')
        ?.get('gpt-5*'),
    ).toMatchObject({ input: 0, output: 0 });
  });

  it('can be described to an editor', () => {
    expect(z.toJSONSchema(pricesSchema, { io: 'input', unrepresentable: 'any' })).toHaveProperty('properties.ceiling.properties.input');
  });
});

describe('a price in the settings', () => {
  const help = 'use USD for a million tokens with at most six decimals, from 0 to 999999.999999, such as 1.25 or "0.075"';

  it.each([-1, '-1', '', '1,25', '$1', '1e3', 1e-7, '1.2345678', 1.2345678, '1000000', Number.NaN, true, null, '.5', '5.', ' 1', '１'])(
    'is not %j',
    (input) => {
      expect(problemsOf(stated({ input, output: 1 }))).toEqual([`providers.openai.gpt-5*.input: ${help}`]);
      expect(problemsOf({ ceiling: { input: 1, output: input } })).toEqual([`ceiling.output: ${help}`]);
    },
  );

  it('needs an input', () => {
    expect(problemsOf(stated({ output: 1 }))).toEqual([`providers.openai.gpt-5*.input: ${help}`]);
  });

  it.each([
    ['a request', { input: 1, request: -1 }, 'providers.openai.gpt-5*.request: use USD a request with'],
    ['a search', { input: 1, webSearch: 'free' }, 'providers.openai.gpt-5*.webSearch: use USD a search with'],
    ['an unknown key', { input: 1, cacheReed: 1 }, 'providers.openai.gpt-5*: Unrecognized key: "cacheReed"'],
    [
      'a service tier within one',
      { input: 1, serviceTiers: { priority: { input: 1, serviceTiers: {} } } },
      'serviceTiers.priority: Unrecognized key',
    ],
    ['tiers of nothing', { input: 1, tiers: [] }, 'providers.openai.gpt-5*.tiers: '],
    ['a tier from the start', { input: 1, tiers: [{ above: 0, input: 2 }] }, 'providers.openai.gpt-5*.tiers.0.above: '],
    ['half a token', { input: 1, tiers: [{ above: 1.5, input: 2 }] }, 'providers.openai.gpt-5*.tiers.0.above: '],
    [
      'tiers out of order',
      {
        input: 1,
        tiers: [
          { above: 200, input: 2 },
          { above: 200, input: 3 },
        ],
      },
      'providers.openai.gpt-5*.tiers.1.above: put the tiers in order: this one must be above more than 200 tokens',
    ],
    [
      'a tier that leaves a price out',
      { input: 1, output: 2, cacheRead: 0.1, tiers: [{ above: 200, input: 2, output: 4 }] },
      'providers.openai.gpt-5*.tiers.0.cacheRead: state cacheRead in this tier too: the model has a price for it',
    ],
    [
      'a tier with a price of its own',
      { input: 1, tiers: [{ above: 200, input: 2, output: 4 }] },
      'providers.openai.gpt-5*.tiers.0.output: state output of the model too: only this tier has a price for it',
    ],
    [
      'such a tier of a service tier',
      { input: 1, serviceTiers: { priority: { input: 1, output: 1, tiers: [{ above: 200, input: 2 }] } } },
      'providers.openai.gpt-5*.serviceTiers.priority.tiers.0.output: state output in this tier too',
    ],
  ])('with %s is refused, with its path', (_what, price, problem) => {
    expect(problemsOf(stated(price)).join('\n')).toContain(problem);
  });

  it.each(['', 'gpt *', '*gpt', 'g*t', 'x'.repeat(258)])('is of no model %j', (pattern) => {
    expect(problemsOf({ providers: { openai: { [pattern]: { input: 1 } } } })).toHaveLength(1);
  });

  it('has no floor or other key beside the ceiling', () => {
    expect(problemsOf({ ceiling: { input: 1 } })).toEqual([`ceiling.output: ${help}`]);
    expect(problemsOf({ ceiling: { input: 1, output: 1, cacheRead: 1 } })).toEqual(['ceiling: Unrecognized key: "cacheRead"']);
    expect(problemsOf({ floor: {} })).toEqual([': Unrecognized key: "floor"']);
  });
});

describe('the price list of a provider', () => {
  it('is one that genai-prices has', async () => {
    const lists = (await waitForUpdate()) ?? [];
    expect([...priceList.options].toSorted()).toEqual(lists.map(({ id }) => id).toSorted());
  });

  it.each(['OpenAI', 'my-openai', '', 'toString'])('is not %j', (list) => {
    expect(priceList.safeParse(list).success).toBe(false);
  });
});

/** What is wrong with prices of `openai`, where these providers are declared. */
function undeclaredAmong(declared: readonly string[]): readonly string[] {
  const found: string[] = [];
  const providers = Object.fromEntries(declared.map((name) => [name, {}]));
  checkPriceRelations({ prices: pricesSchema.parse({ providers: { openai: {} } }), providers }, (path, message) => {
    found.push(`${path.join('.')}: ${message}`);
  });
  return found;
}

describe('a provider with prices', () => {
  it('must be declared', () => {
    expect(undeclaredAmong(['openai'])).toEqual([]);
    expect(undeclaredAmong(['openal'])).toEqual(['prices.providers.openai: unknown provider "openai" (did you mean "openal"?)']);
  });
});
