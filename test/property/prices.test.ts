import { calcPrice, waitForUpdate } from '@pydantic/genai-prices';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BilledUsage } from '../../src/policy/prices/charge.ts';
import { findListed, readListed } from '../../src/policy/prices/listed-price.ts';
import { openPriceBook, type PriceBook } from '../../src/policy/prices/price-book.ts';
import { LISTED_AT_MS, operatorPrice, operatorPrices, priceFacts, tokenRates } from '../support/price-facts.ts';

const lists = (await waitForUpdate()) ?? [];
const models = lists.flatMap(({ id, models: listed }) =>
  // A few entries of a list stand behind others that match their own id; what is found is what is charged.
  listed
    .filter((model) => findListed(id, model.id) === model && readListed(model, 'openai') !== undefined)
    .map((model) => ({ list: id, model })),
);
const APIS = ['openai', 'anthropic'] as const;
const books = new Map<string, PriceBook>(
  lists.flatMap(({ id }) =>
    APIS.map((api) => {
      const providers = new Map([['named', { api, host: 'gateway.internal', priceList: id }]]);
      return [`${api} ${id}`, openPriceBook({ ...priceFacts(), providers })] as const;
    }),
  ),
);

/** Around the edges of tiers, and anywhere. */
const tokens = fc.oneof(
  fc.nat({ max: 5 }),
  fc.constantFrom(127_999, 128_000, 128_001, 199_999, 200_000, 200_001, 271_999, 272_000, 272_001, 512_000, 512_001),
  fc.nat({ max: 3_000_000 }),
);
const share = fc.oneof(fc.constant(0), fc.nat({ max: 1_000 }));
/** Most models have no price for audio or searches. */
const seldom = fc.oneof({ arbitrary: fc.constant(0), weight: 9 }, { arbitrary: fc.nat({ max: 1_000 }), weight: 1 });

/** A usage that adds up: the parts, by their shares, are within the whole. */
const usages = fc
  .record({ input: tokens, output: tokens, read: share, write: share, hour: share, heard: seldom, thought: share, spoken: seldom })
  .map(({ input, output, read, write, hour, heard, thought, spoken }): BilledUsage => {
    const inputShare = (part: number): number => Math.floor((input * part) / Math.max(read + write + hour + heard, 1_000));
    const outputShare = (part: number): number => Math.floor((output * part) / Math.max(thought + spoken, 1_000));
    return {
      inputTokens: input,
      cacheReadTokens: inputShare(read),
      cacheWriteTokens: inputShare(write) + inputShare(hour),
      cacheWrite1hTokens: inputShare(hour),
      audioInputTokens: inputShare(heard),
      outputTokens: output,
      reasoningTokens: outputShare(thought),
      audioOutputTokens: outputShare(spoken),
      webSearches: heard % 3,
    };
  });

/** From the moment on that the book was opened, with all hours of the day and the changes that are still to come. */
const moments = fc.integer({ min: LISTED_AT_MS, max: Date.parse('2027-02-01') });

describe('a ceiling', () => {
  it('Q4: is never below the price of a usage within it, for any model of any list at any time to come', () => {
    let priced = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...models),
        usages,
        tokens,
        tokens,
        moments,
        fc.constantFrom(...APIS),
        ({ list, model }, usage, moreInput, moreOutput, atMs, api) => {
          const book = books.get(`${api} ${list}`);
          const worst = {
            inputTokens: usage.inputTokens + moreInput,
            outputTokens: usage.outputTokens + moreOutput,
            webSearches: usage.webSearches,
          };
          const price = book?.priceOf(
            { provider: 'named', model: model.id, servedModel: undefined, serviceTier: undefined, speed: undefined, atMs },
            usage,
          );
          const ceiling = book?.ceilingOf(
            { provider: 'named', models: [model.id], operation: 'chat', serviceTier: undefined, speed: undefined },
            worst,
          );
          fc.pre(price?.kind === 'priced' && ceiling?.kind === 'bounded');
          priced += 1;
          expect(ceiling.nanoUsd).toBeGreaterThanOrEqual(price.nanoUsd);
        },
      ),
      { numRuns: 5_000 },
    );
    expect(priced).toBe(5_000);
  });

  it('of the input alone is known for every listed model that has a price for it', () => {
    for (const { list, model } of models) {
      const answer = books
        .get(`openai ${list}`)
        ?.ceilingOf(
          { provider: 'named', models: [model.id], operation: 'embeddings', serviceTier: undefined, speed: undefined },
          { inputTokens: 1_000, outputTokens: 0, webSearches: 0 },
        );
      expect(answer).toMatchObject({ kind: 'bounded' });
    }
  });

  it('Q4: holds for whatever an operator states: tiers in any order of price, free parts, dearer service tiers', () => {
    const usd = fc.nat({ max: 50_000_000 }).map((millionths) => millionths / 1_000_000);
    const some = fc.option(usd, { nil: undefined });
    const rates = fc.record({
      input: usd,
      output: usd,
      cacheRead: some,
      cacheWrite: some,
      cacheWrite1h: some,
      inputAudio: usd,
      outputAudio: usd,
    });
    const tiers = fc
      .uniqueArray(tokens, { maxLength: 3 })
      .chain((edges) =>
        fc.tuple(...edges.toSorted((left, right) => left - right).map((above) => rates.map((tier) => ({ ...tokenRates(tier), above })))),
      );
    const prices = fc
      .record({ rates, tiers, request: some, webSearch: usd })
      .map(({ rates: base, ...more }) => operatorPrice({ ...base, ...more }));
    fc.assert(
      fc.property(
        prices,
        prices,
        usages,
        fc.constantFrom(undefined, 'auto', 'default', 'priority', 'flex'),
        (standard, priority, usage, serviceTier) => {
          const stated = operatorPrices({ local: { m: { ...standard, serviceTiers: new Map([['priority', priority]]) } } });
          const book = openPriceBook(priceFacts(stated));
          const price = book.priceOf(
            { provider: 'local', model: 'm', servedModel: undefined, serviceTier, speed: undefined, atMs: LISTED_AT_MS },
            usage,
          );
          const ceiling = book.ceilingOf({ provider: 'local', models: ['m'], operation: 'chat', serviceTier, speed: undefined }, usage);
          expect([price.kind, ceiling.kind]).toEqual(['priced', 'bounded']);
          expect(ceiling.kind === 'bounded' && price.kind === 'priced' && ceiling.nanoUsd >= price.nanoUsd).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('a price', () => {
  it('is that of the library, but for rounding up', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...models),
        usages,
        fc.integer({ min: Date.parse('2025-01-01'), max: Date.parse('2027-02-01') }),
        ({ list, model }, usage, atMs) => {
          const price = books
            .get(`openai ${list}`)
            ?.priceOf({ provider: 'named', model: model.id, servedModel: model.id, serviceTier: undefined, speed: undefined, atMs }, usage);
          fc.pre(price?.kind === 'priced');
          const theirs = calcPrice(
            {
              input_tokens: usage.inputTokens,
              cache_read_tokens: usage.cacheReadTokens,
              cache_write_tokens: usage.cacheWriteTokens,
              cache_write_1h_tokens: usage.cacheWrite1hTokens,
              input_audio_tokens: usage.audioInputTokens,
              cache_audio_read_tokens: 0,
              cache_audio_write_tokens: 0,
              output_tokens: usage.outputTokens,
              output_reasoning_tokens: usage.reasoningTokens,
              output_audio_tokens: usage.audioOutputTokens,
              output_audio_reasoning_tokens: 0,
              web_searches: usage.webSearches,
            },
            model.id,
            { providerId: list, timestamp: new Date(atMs) },
          );
          const nanoUsd = (theirs?.total_price ?? Number.NaN) * 1e9;
          // Each of eleven components is rounded up; a price finer than a pico-USD a token is too; theirs are floating-point sums.
          const slack = 11 + 0.001 * (usage.inputTokens + usage.outputTokens) + nanoUsd * 1e-9;
          expect(price.nanoUsd - nanoUsd).toBeGreaterThan(-1e-3 - nanoUsd * 1e-9);
          expect(price.nanoUsd - nanoUsd).toBeLessThan(slack);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('is exact: each component is the least integer that is not below tokens times the price, and all are their sum', () => {
    const millionths = fc.nat({ max: 999_999_999_999 });
    fc.assert(
      fc.property(fc.array(millionths, { minLength: 7, maxLength: 7 }), usages, (all, usage) => {
        // The texts of an operator, made without any division.
        const [input, output, cacheRead, cacheWrite, cacheWrite1h, inputAudio, outputAudio] = all.map(decimalOf).map(Number);
        const rates = tokenRates({ input: input ?? 0, output, cacheRead, cacheWrite, cacheWrite1h, inputAudio, outputAudio });
        const book = openPriceBook(priceFacts(operatorPrices({ local: { m: operatorPrice(rates) } })));
        const quiet = { ...usage, webSearches: 0 };
        const price = book.priceOf(
          { provider: 'local', model: 'm', servedModel: 'm', serviceTier: undefined, speed: undefined, atMs: LISTED_AT_MS },
          quiet,
        );
        const fresh = usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens - usage.audioInputTokens;
        const spoken = usage.outputTokens - usage.reasoningTokens - usage.audioOutputTokens;
        const counts = [
          fresh,
          spoken,
          usage.cacheReadTokens,
          usage.cacheWriteTokens - usage.cacheWrite1hTokens,
          usage.cacheWrite1hTokens,
          usage.audioInputTokens,
          usage.audioOutputTokens,
        ];
        const expected = counts.map((count, index) => upToNano(count, all[index] ?? 0));
        const reasoning = upToNano(usage.reasoningTokens, all[1] ?? 0);
        const sum = expected.reduce((total, each) => total + each, reasoning);
        expect(price).toMatchObject({ kind: 'priced', nanoUsd: Number(sum) });
        expect(Object.values(price.kind === 'priced' ? price.components : {}).reduce((total, each) => total + BigInt(each), 0n)).toBe(sum);
      }),
      { numRuns: 2_000 },
    );
  });

  it('of any integers whatever is an answer', () => {
    const anything = fc.nat({ max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(fc.record(eachOf(anything)), fc.string(), fc.string(), (usage, servedModel, serviceTier) => {
        const book = openPriceBook(priceFacts());
        const price = book.priceOf(
          { provider: 'openai', model: 'gpt-audio', servedModel, serviceTier, speed: undefined, atMs: LISTED_AT_MS },
          usage,
        );
        expect(['priced', 'unknown']).toContain(price.kind);
        expect(price.kind === 'priced' ? Number.isSafeInteger(price.nanoUsd) : true).toBe(true);
      }),
    );
  });
});

const decimalOf = (millionths: number): string => {
  const digits = String(millionths).padStart(7, '0');
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
};

const upToNano = (count: number, picoUsd: number): bigint => {
  const pico = BigInt(count) * BigInt(picoUsd);
  return pico / 1_000n + (pico % 1_000n === 0n ? 0n : 1n);
};

function eachOf<Value>(value: Value): Readonly<Record<keyof BilledUsage, Value>> {
  return {
    inputTokens: value,
    cacheReadTokens: value,
    cacheWriteTokens: value,
    cacheWrite1hTokens: value,
    audioInputTokens: value,
    outputTokens: value,
    reasoningTokens: value,
    audioOutputTokens: value,
    webSearches: value,
  };
}
