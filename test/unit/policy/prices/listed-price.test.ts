import { calcPrice, waitForUpdate } from '@pydantic/genai-prices';
import { describe, expect, it } from 'vitest';
import { findListed, readListed } from '../../../../src/policy/prices/listed-price.ts';
import { priceListOf } from '../../../../src/policy/prices/price-list.ts';

const lists = (await waitForUpdate()) ?? [];

describe('the lists of genai-prices', () => {
  it('are those that we were tested with', () => {
    expect(lists.flatMap(({ models }) => models)).toHaveLength(1_694);
  });

  it.each(lists.map(({ id, models }) => [id, models] as const))('%s: every model is found as the library finds it', (id, models) => {
    for (const model of models) {
      expect(findListed(id, model.id)).toBe(calcPrice({}, model.id, { providerId: id })?.model);
    }
  });

  it('have the models of a provider that sells those of others', () => {
    expect(findListed('azure', 'gpt-4o-2024-08-06')).toBe(findListed('openai', 'gpt-4o'));
    expect(findListed('azure', 'gpt-9')).toBeUndefined();
  });

  it.each(['nobody', 'my-openai', 'OPENAI', ''])('do not include %j', (list) => {
    expect(findListed(list, 'gpt-4o')).toBeUndefined();
  });

  it('price every model of OpenAI and Anthropic, but three that are not sold by the token', () => {
    const unpriced = lists
      .filter(({ id }) => id === 'openai' || id === 'anthropic')
      .flatMap(({ models }) => models.filter((model) => readListed(model, 'openai') === undefined));
    expect(unpriced.map(({ id }) => id)).toEqual(['gpt-transcribe', 'moderation', 'whisper-1']);
  });
});

describe('a listed price', () => {
  const prices = { input_mtok: 1, output_mtok: 2 };

  it('is read', () => {
    expect(readListed({ prices }, 'openai')).toMatchObject([
      { span: { kind: 'always' }, sheet: { input: { input: { base: 1_000_000 } } } },
    ]);
  });

  it('keeps tiers in order, however they are listed', () => {
    const tiers = [
      { start: 20, price: 3 },
      { start: 10, price: 2 },
    ];
    expect(readListed({ prices: { input_mtok: { base: 1, tiers } } }, 'openai')).toMatchObject([
      {
        sheet: {
          input: {
            input: {
              tiers: [
                { above: 10, rate: 2_000_000 },
                { above: 20, rate: 3_000_000 },
              ],
            },
          },
        },
      },
    ]);
  });

  it('of pictures counts only in the ceiling: usage does not tell them apart', () => {
    expect(readListed({ prices: { ...prices, input_image_mtok: 5, output_image_mtok: 6 } }, 'openai')).toMatchObject([
      { sheet: { otherInput: [{ base: 5_000_000 }], otherOutput: [{ base: 6_000_000 }] } },
    ]);
  });

  it.each([
    ['no prices', {}],
    ['no input', { output_mtok: 2 }],
    ['a negative price', { ...prices, output_mtok: -2 }],
    ['a negative tier', { ...prices, output_mtok: { base: 2, tiers: [{ start: 10, price: -1 }] } }],
    ['a price that is not there', { ...prices, output_mtok: undefined }],
    ['no history', []],
    ['a day that is none', [{ prices }, { constraint: { type: 'start_date', start_date: 'soon' } as const, prices }]],
    ['one of two without an input', [{ prices }, { constraint: { type: 'start_date', start_date: '2026-01-01' } as const, prices: {} }]],
  ])('with %s is none', (_what, stated) => {
    expect(readListed({ prices: stated }, 'openai')).toBeUndefined();
  });
});

describe('the list of a provider', () => {
  it.each([
    ['openai', 'api.openai.com', undefined, 'openai'],
    ['openai', 'API.openai.com', undefined, 'openai'],
    ['anthropic', 'api.anthropic.com', undefined, 'anthropic'],
    ['openai', 'api.anthropic.com', undefined, undefined],
    // Ten per cent dearer, which no list says.
    ['openai', 'eu.api.openai.com', undefined, undefined],
    ['openai', 'api.openai.com.evil.example', undefined, undefined],
    ['openai', '10.0.0.7', undefined, undefined],
    ['openai', 'my.openai.azure.com', 'azure', 'azure'],
    ['openai', 'api.openai.com', 'openrouter', 'openrouter'],
  ] as const)('of the %s API at %s, named %s, is %s', (api, host, priceList, list) => {
    expect(priceListOf({ api, host, priceList })).toBe(list);
  });
});
