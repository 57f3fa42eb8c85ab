import { describe, expect, it } from 'vitest';
import { NO_USAGE } from '../../../../src/policy/llm/usage/usage.ts';
import { openPriceBook, type CeilingQuestion, type PriceQuestion } from '../../../../src/policy/prices/price-book.ts';
import { LISTED_AT_MS, operatorPrice, operatorPrices, priceFacts, tokenRates } from '../../../support/price-facts.ts';

// Figures of the price lists in genai-prices 0.1.8, computed by hand in micro-USD: so much is a token at 1 USD for a million.
const book = openPriceBook(priceFacts());

const asked = (provider: string, model: string, more: Partial<CeilingQuestion> = {}): CeilingQuestion => ({
  provider,
  models: [model],
  operation: provider === 'anthropic' ? 'messages' : 'chat',
  serviceTier: undefined,
  speed: undefined,
  ...more,
});
const served = (provider: string, model: string, more: Partial<PriceQuestion> = {}): PriceQuestion => ({
  provider,
  model,
  servedModel: model,
  serviceTier: undefined,
  speed: undefined,
  atMs: LISTED_AT_MS,
  ...more,
});
/** In micro-USD. */
const costOf = (question: PriceQuestion, usage: Partial<typeof NO_USAGE>, of = book): number | string => {
  const answer = of.priceOf(question, { ...NO_USAGE, ...usage });
  return answer.kind === 'priced' ? answer.nanoUsd / 1_000 : `unknown ${answer.what} ${answer.name}`;
};
/** In whole micro-USD: what it has for rounding is less than one. */
const ceilingOf = (question: CeilingQuestion, inputTokens: number, outputTokens: number, of = book): number | string => {
  const answer = of.ceilingOf(question, { inputTokens, outputTokens, webSearches: 0 });
  return answer.kind === 'bounded' ? Math.floor(answer.nanoUsd / 1_000) : `unknown ${answer.what} ${answer.name}`;
};

describe('the price of a usage', () => {
  it('of OpenAI: cached input is part of the input', () => {
    expect(
      book.priceOf(served('openai', 'gpt-4o'), { ...NO_USAGE, inputTokens: 1_000, cacheReadTokens: 200, outputTokens: 500 }),
    ).toMatchObject({
      kind: 'priced',
      nanoUsd: 2_000_000 + 250_000 + 5_000_000,
      components: { input: 2_000_000, cacheRead: 250_000, output: 5_000_000, cacheWrite: 0, request: 0 },
      source: 'served',
    });
  });

  it('of Anthropic: five minutes of cache are 1.25 times, an hour is twice, reading is a tenth', () => {
    const usage = { inputTokens: 10_000, cacheReadTokens: 4_000, cacheWriteTokens: 4_000, cacheWrite1hTokens: 1_000, outputTokens: 100 };
    expect(book.priceOf(served('anthropic', 'claude-opus-4-8'), { ...NO_USAGE, ...usage })).toMatchObject({
      nanoUsd: 43_250_000,
      components: { input: 10_000_000, cacheRead: 2_000_000, cacheWrite: 18_750_000, cacheWrite1h: 10_000_000, output: 2_500_000 },
    });
  });

  it('rounds each component up', () => {
    const deepseek = openPriceBook(priceFacts(operatorPrices({}), 'deepseek'));
    // 0.0028 USD for a million: 2.8 nano-USD a token.
    expect(
      deepseek.priceOf(served('named', 'deepseek-v4-flash', { atMs: Date.parse('2026-08-16T12:00:00Z') }), {
        ...NO_USAGE,
        inputTokens: 3,
        cacheReadTokens: 2,
        outputTokens: 1,
      }),
    ).toMatchObject({ nanoUsd: 140 + 6 + 280, components: { input: 140, cacheRead: 6, output: 280 } });
  });

  // Q4: the whole input decides, cached or not, and for every token of the request.
  it.each([
    ['anthropic', 'claude-sonnet-4-5', 199_999, 3, 15],
    ['anthropic', 'claude-sonnet-4-5', 200_000, 3, 15],
    ['anthropic', 'claude-sonnet-4-5', 200_001, 6, 22.5],
    // "Fewer than 272K": the tier begins at exactly 272,000 …
    ['openai', 'gpt-5.5', 271_999, 5, 30],
    ['openai', 'gpt-5.5', 272_000, 10, 45],
    // … and "more than 272K" one later.
    ['openai', 'gpt-6-sol', 272_000, 2, 10],
    ['openai', 'gpt-6-sol', 272_001, 4, 15],
  ])('Q4: of %s %s with %d input tokens is of their tier', (provider, model, inputTokens, inputUsd, outputUsd) => {
    const question = served(provider, model);
    expect(costOf(question, { inputTokens, outputTokens: 1_000 })).toBe(inputTokens * inputUsd + 1_000 * outputUsd);
    const cacheReadTokens = inputTokens - 1_000;
    const answer = book.priceOf(question, { ...NO_USAGE, inputTokens, cacheReadTokens, outputTokens: 1_000 });
    expect(answer).toMatchObject({
      components: { input: 1_000_000 * inputUsd, cacheRead: cacheReadTokens * inputUsd * 100, output: 1_000_000 * outputUsd },
    });
  });

  it.each([
    ['2025-06-09T23:59:59Z', 10_000],
    ['2025-06-10T00:00:00Z', 2_000],
  ])('is that of its day: o3 at %s', (at, nanoUsd) => {
    expect(costOf(served('openai', 'o3', { atMs: Date.parse(at) }), { inputTokens: 1_000 })).toBe(nanoUsd);
  });

  it('names fees for requests and searches', () => {
    const sonar = openPriceBook(priceFacts(operatorPrices({}), 'perplexity'));
    expect(costOf(served('named', 'sonar'), { inputTokens: 1_000, outputTokens: 10 }, sonar)).toBe(12_000 + 1_000 + 10);
    expect(costOf(served('anthropic', 'claude-opus-4-8'), { webSearches: 2 })).toBe(20_000);
  });

  it('of embeddings has no output', () => {
    expect(costOf(served('openai', 'text-embedding-3-small'), { inputTokens: 1_000 })).toBe(20);
    expect(costOf(served('openai', 'text-embedding-3-small'), { inputTokens: 1_000, outputTokens: 1 })).toBe('unknown component output');
  });
});

describe('the name that was served', () => {
  it.each(['gpt-4o-2024-08-06', 'gpt-4o-20240806', 'GPT-4o'])('has a price of its own: %s', (servedModel) => {
    expect(book.priceOf(served('openai', 'gpt-4o-mini', { servedModel }), { ...NO_USAGE, inputTokens: 1_000 })).toMatchObject({
      nanoUsd: 2_500_000,
      source: 'served',
    });
  });

  it.each(['gpt-4o-2099-01-01', 'gpt-4o-mini-next', '', 'x'.repeat(257)])(
    'is not known: then that of the target decides (%s)',
    (servedModel) => {
      expect(book.priceOf(served('openai', 'gpt-4o', { servedModel }), { ...NO_USAGE, inputTokens: 1_000 })).toMatchObject({
        nanoUsd: 2_500_000,
        source: 'configured',
      });
    },
  );

  it('is not stated: then that of the target decides', () => {
    expect(book.priceOf(served('openai', 'gpt-4o', { servedModel: undefined }), { ...NO_USAGE, inputTokens: 1_000 })).toMatchObject({
      nanoUsd: 2_500_000,
      source: 'configured',
    });
  });
});

describe('an unknown price', () => {
  const some = { inputTokens: 1_000, outputTokens: 10 };

  it.each([
    ['openai', 'gpt-9'],
    // The provider's own host tells whose prices hold; no other does.
    ['local', 'gpt-4o'],
    ['named', 'gpt-4o'],
    ['undeclared', 'gpt-4o'],
    ['openai', 'claude-opus-4-8'],
    // Not in the list yet, and not at the price of its predecessor.
    ['anthropic', 'claude-sonnet-5-5'],
    // Priced by the hour, or by nothing at all.
    ['openai', 'whisper-1'],
    ['openai', 'omni-moderation-latest'],
    ['openai', '__proto__'],
  ])('Q3: %s %s is not 0', (provider, model) => {
    expect(costOf(served(provider, model), some)).toBe(`unknown model ${model}`);
    expect(costOf(served(provider, model, { servedModel: undefined }), some)).toBe(`unknown model ${model}`);
    expect(ceilingOf(asked(provider, model), 1_000, 10)).toBe(`unknown model ${model}`);
  });

  it('Q3: a list that says a model is free says nothing about tokens', () => {
    const openrouter = openPriceBook(priceFacts(operatorPrices({}), 'openrouter'));
    expect(costOf(served('named', 'qwen/qwq-32b:free'), some, openrouter)).toBe('unknown model qwen/qwq-32b:free');
  });

  it('Q3: a list that does not exist has no prices, even if it is like one that does', () => {
    const lists = openPriceBook(priceFacts(operatorPrices({}), 'my-openai'));
    expect(costOf(served('named', 'gpt-4o'), some, lists)).toBe('unknown model gpt-4o');
  });

  it('Q3: audio has none where only text has one', () => {
    expect(costOf(served('openai', 'gpt-4o-audio-preview'), { inputTokens: 100, audioInputTokens: 50 })).toBe(
      'unknown component inputAudio',
    );
    expect(costOf(served('openai', 'gpt-audio'), { inputTokens: 100, audioInputTokens: 50 })).toBe(125 + 1_600);
  });

  it('Q3: is the configured ceiling, where there is one', () => {
    const capped = openPriceBook(priceFacts(operatorPrices({}, { input: 30, output: 120 })));
    expect(capped.ceilingOf(asked('openai', 'gpt-9'), { inputTokens: 1_000, outputTokens: 10, webSearches: 0 })).toEqual({
      kind: 'bounded',
      nanoUsd: 30_000_000 + 5 + 1_200_000 + 2,
      source: 'ceiling',
    });
    expect(capped.priceOf(served('openai', 'gpt-9'), { ...NO_USAGE, ...some, audioInputTokens: 1, cacheWrite1hTokens: 9 })).toMatchObject({
      nanoUsd: 31_200_000,
      source: 'ceiling',
    });
    expect(costOf(served('openai', 'gpt-4o-audio-preview'), { inputTokens: 100, audioInputTokens: 50 }, capped)).toBe(3_000);
  });

  it('Q3: is no ceiling where it is no token that has none', () => {
    const capped = openPriceBook(priceFacts(operatorPrices({}, { input: 30, output: 120 })));
    expect(costOf(served('openai', 'gpt-9'), { webSearches: 1 }, capped)).toBe('unknown model gpt-9');
    expect(capped.ceilingOf(asked('openai', 'gpt-4o-search-preview'), { inputTokens: 1, outputTokens: 1, webSearches: 1 })).toEqual({
      kind: 'unknown',
      what: 'component',
      name: 'webSearch',
    });
  });

  it('of a served name is that of the target, and of the target leaves everything unbounded', () => {
    expect(ceilingOf(asked('openai', 'gpt-4o', { models: ['gpt-4o', 'gpt-9'] }), 1_000, 10)).toBe(2_500 + 100);
    expect(ceilingOf(asked('openai', 'gpt-9', { models: ['gpt-9', 'gpt-4o'] }), 1_000, 10)).toBe('unknown model gpt-9');
  });
});

describe('a ceiling', () => {
  it('is the dearest that may be served', () => {
    expect(ceilingOf(asked('openai', 'gpt-4o-mini', { models: ['gpt-4o-mini', 'o1-pro'] }), 1_000, 10)).toBe(150_000 + 6_000);
  });

  it('takes pictures into account, which usage does not tell apart', () => {
    // 5 and 10 USD for text, 8 and 32 for pictures.
    expect(ceilingOf(asked('openai', 'gpt-image-1.5'), 1_000, 10)).toBe(8_000 + 320);
  });

  it('of Anthropic is that of an hour of cache', () => {
    expect(ceilingOf(asked('anthropic', 'claude-opus-4-8'), 1_000, 10)).toBe(10_000 + 250);
  });

  it.each([
    ['anthropic', 'claude-sonnet-4-5', 200_000, 1_200_000, 15_000],
    ['anthropic', 'claude-sonnet-4-5', 200_001, 2_400_012, 22_500],
    ['openai', 'gpt-5.5', 271_999, 1_359_995, 30_000],
    ['openai', 'gpt-5.5', 272_000, 2_720_000, 45_000],
  ])('Q4: of %s %s with %d input tokens is of their tier', (provider, model, inputTokens, input, output) => {
    expect(ceilingOf(asked(provider, model), inputTokens, 1_000)).toBe(input + output);
  });

  it('takes the dear hours of a day and prices to come, and no price that has ended', () => {
    const deepseek = openPriceBook(priceFacts(operatorPrices({}), 'deepseek'));
    expect(ceilingOf(asked('named', 'deepseek-v4-flash'), 1_000_000, 0, deepseek)).toBe(440_000);
    const google = openPriceBook(priceFacts(operatorPrices({}), 'google'));
    expect(ceilingOf(asked('named', 'gemini-3.6-flash'), 1_000, 0, google)).toBe(1_500);
    expect(costOf(served('named', 'gemini-3.6-flash'), { inputTokens: 1_000 }, google)).toBe(750);
    expect(ceilingOf(asked('openai', 'o3'), 1_000, 0)).toBe(2_000);
    const earlier = openPriceBook({ ...priceFacts(), sinceMs: Date.parse('2025-06-10T23:00:00Z') });
    expect(ceilingOf(asked('openai', 'o3'), 1_000, 0, earlier)).toBe(10_000);
  });

  it('is 0 for what no provider charges, and has no output for embeddings', () => {
    expect(ceilingOf(asked('anthropic', 'unheard-of', { operation: 'count_tokens' }), 1_000, 10)).toBe(0);
    expect(ceilingOf(asked('openai', 'unheard-of', { operation: 'models' }), 0, 0)).toBe(0);
    expect(ceilingOf(asked('openai', 'text-embedding-3-large', { operation: 'embeddings' }), 1_000, 10)).toBe(130);
    expect(ceilingOf(asked('openai', 'text-embedding-3-large'), 1_000, 10)).toBe('unknown component output');
  });
});

describe('a service tier', () => {
  const priority = operatorPrice({ input: 2.5, output: 20 });
  const prices = operatorPrices({
    openai: { 'gpt-5*': operatorPrice({ input: 1.25, output: 10, serviceTiers: new Map([['priority', priority]]) }) },
  });
  const tiered = openPriceBook(priceFacts(prices));
  const some = { inputTokens: 1_000, outputTokens: 10 };

  it.each([undefined, 'auto', 'default', 'standard', 'flex', 'batch', 'scale'])('Q4: %s costs no more than the standard', (serviceTier) => {
    expect(costOf(served('openai', 'gpt-5', { serviceTier }), some)).toBe(1_250 + 100);
    expect(costOf(served('openai', 'gpt-5', { serviceTier }), some, tiered)).toBe(1_250 + 100);
  });

  it.each(['priority', 'fast', '', 'toString'])('Q4: %s has no price that anybody stated', (serviceTier) => {
    expect(costOf(served('openai', 'gpt-5', { serviceTier }), some)).toBe(`unknown serviceTier ${serviceTier}`);
    expect(ceilingOf(asked('openai', 'gpt-5', { serviceTier }), 1_000, 10)).toBe(`unknown serviceTier ${serviceTier}`);
  });

  it.each([
    ['fast', undefined, 'fast'],
    ['fast', 'standard', 'fast'],
    ['standard', 'priority', 'priority'],
  ])('Q4: speed %s with the tier %s is priced as %s', (speed, serviceTier, tier) => {
    const question = { speed, serviceTier };
    expect(costOf(served('anthropic', 'claude-opus-4-8', question), some)).toBe(`unknown serviceTier ${tier}`);
    expect(ceilingOf(asked('anthropic', 'claude-opus-4-8', question), 1_000, 10)).toBe(`unknown serviceTier ${tier}`);
    expect(costOf(served('anthropic', 'claude-opus-4-8', { speed: 'standard' }), some)).toBe(5_000 + 250);
  });

  it.each(['us', 'eu', ''])('of a place that was chosen is a tenth more for every token, and for no search: %s', (inferenceGeo) => {
    const usage = { ...some, cacheReadTokens: 200, cacheWriteTokens: 400, webSearches: 2 };
    const question = served('anthropic', 'claude-opus-4-8', { inferenceGeo });
    // 400 plain, 200 at a tenth, 400 at 1.25, and 10 at five times the 5 USD; a search is a cent.
    const tokens = 2_000 + 100 + 2_500 + 250;
    expect(costOf({ ...question, inferenceGeo: undefined }, usage)).toBe(tokens + 20_000);
    expect(costOf(question, usage)).toBe(tokens * 1.1 + 20_000);
    const open = asked('anthropic', 'claude-opus-4-8');
    expect(ceilingOf({ ...open, inferenceGeo }, 10_000, 100)).toBe(Math.floor(1.1 * Number(ceilingOf(open, 10_000, 100))));
  });

  it.each([undefined, 'global', 'not_available'])('of no place costs no more: %s', (inferenceGeo) => {
    expect(costOf(served('anthropic', 'claude-opus-4-8', { inferenceGeo }), some)).toBe(5_000 + 250);
  });

  it('Q4: has the price that the operator stated, also in the ceiling of a request that leaves the tier open', () => {
    expect(costOf(served('openai', 'gpt-5', { serviceTier: 'priority' }), some, tiered)).toBe(2_500 + 200);
    expect(ceilingOf(asked('openai', 'gpt-5', { serviceTier: 'priority' }), 1_000, 10, tiered)).toBe(2_500 + 200);
    expect(ceilingOf(asked('openai', 'gpt-5'), 1_000, 10, tiered)).toBe(2_500 + 200);
    expect(ceilingOf(asked('openai', 'gpt-5', { serviceTier: 'default' }), 1_000, 10, tiered)).toBe(1_250 + 100);
  });

  it('Q4: that is cheaper has the ceiling of the standard, as which it may be served', () => {
    const flex = new Map([['flex', operatorPrice({ input: 0.5, output: 5 })]]);
    const cheap = openPriceBook(
      priceFacts(operatorPrices({ openai: { 'gpt-5': operatorPrice({ input: 1, output: 10, serviceTiers: flex }) } })),
    );
    expect(costOf(served('openai', 'gpt-5', { serviceTier: 'flex' }), some, cheap)).toBe(500 + 50);
    expect(ceilingOf(asked('openai', 'gpt-5', { serviceTier: 'flex' }), 1_000, 10, cheap)).toBe(1_000 + 100);
  });

  it('Q4: without a price costs the configured ceiling, and never less than the standard', () => {
    const high = openPriceBook(priceFacts(operatorPrices({}, { input: 30, output: 120 })));
    const low = openPriceBook(priceFacts(operatorPrices({}, { input: 0.1, output: 0.1 })));
    const question = { serviceTier: 'priority' };
    expect(costOf(served('openai', 'gpt-5', question), some, high)).toBe(30_000 + 1_200);
    expect(costOf(served('openai', 'gpt-5', question), some, low)).toBe(1_250 + 100);
    expect(ceilingOf(asked('openai', 'gpt-5', question), 1_000, 10, low)).toBe(1_250 + 100);
  });
});

describe('a price that the operator states', () => {
  const some = { inputTokens: 1_000, outputTokens: 10 };
  const prices = operatorPrices({
    local: { 'llama*': operatorPrice({ input: 0, output: 0 }) },
    openai: {
      '*': operatorPrice({ input: 9, output: 9 }),
      'gpt-5*': operatorPrice({ input: 7, output: 7 }),
      'gpt-5': operatorPrice({ input: 2, output: 3, cacheRead: 0.5, request: 0.001 }),
    },
    anthropic: { 'claude-sonnet-5-5': operatorPrice({ input: 3, output: 15, webSearch: 0.01 }) },
  });
  const stated = openPriceBook(priceFacts(prices));

  it('may be 0, which is a price', () => {
    expect(costOf(served('local', 'llama-4'), some, stated)).toBe(0);
    expect(ceilingOf(asked('local', 'llama-4'), 1_000, 10, stated)).toBe(0);
    expect(costOf(served('local', 'mistral'), some, stated)).toBe('unknown model mistral');
  });

  it('comes before the list: the exact name, then the longest prefix', () => {
    expect(costOf(served('openai', 'gpt-5'), some, stated)).toBe(2_000 + 30 + 1_000);
    expect(costOf(served('openai', 'gpt-5-mini'), some, stated)).toBe(7_000 + 70);
    expect(costOf(served('openai', 'gpt-4o'), some, stated)).toBe(9_000 + 90);
  });

  it('for the name of the target holds for the dated name that is served', () => {
    const exact = openPriceBook(priceFacts(operatorPrices({ openai: { 'gpt-5': operatorPrice({ input: 2, output: 3 }) } })));
    expect(exact.priceOf(served('openai', 'gpt-5', { servedModel: 'gpt-5-2025-08-07' }), { ...NO_USAGE, ...some })).toMatchObject({
      nanoUsd: 2_030_000,
      source: 'configured',
    });
    expect(costOf(served('openai', 'gpt-4o', { servedModel: 'gpt-5' }), some, exact)).toBe(2_030);
  });

  it('charges what it leaves out at a price that is not too low', () => {
    const usage = { inputTokens: 3_000, cacheWriteTokens: 2_000, cacheWrite1hTokens: 1_000, cacheReadTokens: 1_000, webSearches: 1 };
    expect(costOf(served('anthropic', 'claude-sonnet-5-5'), usage, stated)).toBe(3_750 + 6_000 + 3_000 + 10_000);
    expect(costOf(served('openai', 'gpt-5'), { ...usage, webSearches: 0 }, stated)).toBe(2_000 + 2_000 + 500 + 1_000);
  });

  it('has tiers', () => {
    const tiers = [{ above: 1_000, ...tokenRates({ input: 2, output: 20 }) }];
    const long = openPriceBook(priceFacts(operatorPrices({ local: { m: operatorPrice({ input: 1, output: 10, tiers }) } })));
    expect(costOf(served('local', 'm'), { inputTokens: 1_000, outputTokens: 1 }, long)).toBe(1_010);
    expect(costOf(served('local', 'm'), { inputTokens: 1_001, outputTokens: 1 }, long)).toBe(2_022);
  });
});
