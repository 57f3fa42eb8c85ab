import { describe, expect, it } from 'vitest';
import { NO_USAGE } from '../../../../src/policy/llm/usage/usage.ts';
import { ceilingBySheet } from '../../../../src/policy/prices/ceiling.ts';
import { chargeBySheet } from '../../../../src/policy/prices/charge.ts';
import { sheetAt } from '../../../../src/policy/prices/history.ts';
import { readStated } from '../../../../src/policy/prices/operator-price.ts';
import { operatorPrice, tokenRates } from '../../../support/price-facts.ts';

// 1 USD for a million tokens is 1,000 nano-USD a token.
const sheetOf = (price: Parameters<typeof operatorPrice>[0]) => sheetAt(readStated(operatorPrice(price), 'openai'), 0);
const audio = sheetOf({ input: 1, output: 10, cacheRead: 0.1, inputAudio: 100, outputAudio: 200 });

const componentsOf = (usage: Partial<typeof NO_USAGE>, sheet = audio) => {
  const charge = chargeBySheet(sheet, { ...NO_USAGE, ...usage });
  return charge.kind === 'priced' ? Object.fromEntries(Object.entries(charge.components).filter(([, nanoUsd]) => nanoUsd > 0)) : charge;
};

describe('the parts of a usage', () => {
  it('are charged once each, and nothing for nothing', () => {
    expect(
      componentsOf({
        inputTokens: 100,
        cacheReadTokens: 40,
        audioInputTokens: 10,
        outputTokens: 9,
        reasoningTokens: 4,
        audioOutputTokens: 3,
      }),
    ).toEqual({
      input: 50_000,
      inputAudio: 1_000_000,
      cacheRead: 4_000,
      output: 20_000,
      reasoning: 40_000,
      outputAudio: 600_000,
    });
    expect(chargeBySheet(audio, NO_USAGE)).toMatchObject({ kind: 'priced', nanoUsd: 0 });
  });

  it('take audio for fresh as far as there is fresh input; the rest of it came from the cache', () => {
    expect(componentsOf({ inputTokens: 100, cacheReadTokens: 95, audioInputTokens: 10 })).toEqual({
      inputAudio: 500_000,
      cacheReadAudio: 500_000,
      cacheRead: 9_000,
    });
  });

  it('are all charged where they are more than the whole that is claimed, and decide the tier', () => {
    const tiered = sheetOf({
      input: 1,
      output: 10,
      cacheRead: 0.5,
      tiers: [{ above: 100, ...tokenRates({ input: 2, output: 20, cacheRead: 1 }) }],
    });
    expect(
      componentsOf(
        { inputTokens: 1, cacheReadTokens: 60, cacheWriteTokens: 41, cacheWrite1hTokens: 11, outputTokens: 1, reasoningTokens: 5 },
        tiered,
      ),
    ).toEqual({
      cacheRead: 60_000,
      cacheWrite: 60_000,
      cacheWrite1h: 22_000,
      reasoning: 100_000,
    });
  });

  it('never throw, however large a provider says they are', () => {
    const huge = Number.MAX_SAFE_INTEGER;
    const usage = Object.fromEntries(Object.keys(NO_USAGE).map((key) => [key, huge]));
    expect(
      chargeBySheet(sheetOf({ input: 1, output: 1, inputAudio: 1, outputAudio: 1, webSearch: 1 }), { ...NO_USAGE, ...usage }),
    ).toMatchObject({
      kind: 'priced',
      nanoUsd: huge,
    });
  });

  it.each([
    [{ inputTokens: 5, audioInputTokens: 1 }, 'inputAudio'],
    [{ inputTokens: 5, cacheReadTokens: 5, audioInputTokens: 1 }, 'cacheReadAudio'],
    [{ outputTokens: 1 }, 'output'],
    [{ outputTokens: 1, reasoningTokens: 1 }, 'reasoning'],
    [{ outputTokens: 1, audioOutputTokens: 1 }, 'outputAudio'],
    [{ webSearches: 1 }, 'webSearch'],
  ])('without a price are said, not free: %j', (usage, component) => {
    expect(componentsOf(usage, sheetOf({ input: 1 }))).toEqual({ kind: 'unpriced', component });
  });
});

describe('a ceiling', () => {
  it('takes every token at the dearest price of its direction, with a fee for the request and for each search', () => {
    const sheet = sheetOf({ input: 1, output: 10, cacheWrite: 1.25, cacheWrite1h: 2, outputAudio: 20, request: 0.005, webSearch: 0.01 });
    expect(ceilingBySheet(sheet, { inputTokens: 1_000, outputTokens: 100, webSearches: 3 })).toEqual({
      kind: 'priced',
      // Five and two nano-USD of rounding: each of six and three parts is rounded up on its own.
      nanoUsd: 2_000_000 + 5 + 2_000_000 + 2 + 5_000_000 + 30_000_000,
    });
  });

  it.each([
    [200_000, 200_000_005],
    [200_001, 400_002_005],
  ])('of %d input tokens takes no tier that is out of reach', (inputTokens, nanoUsd) => {
    const sheet = sheetOf({ input: 1, output: 10, tiers: [{ above: 200_000, ...tokenRates({ input: 2, output: 20 }) }] });
    expect(ceilingBySheet(sheet, { inputTokens, outputTokens: 0, webSearches: 0 })).toEqual({ kind: 'priced', nanoUsd });
  });

  it('holds where a higher tier is cheaper', () => {
    const sheet = sheetOf({ input: 2, output: 10, tiers: [{ above: 10, ...tokenRates({ input: 1, output: 5 }) }] });
    expect(ceilingBySheet(sheet, { inputTokens: 100, outputTokens: 0, webSearches: 0 })).toEqual({ kind: 'priced', nanoUsd: 200_005 });
  });

  it('of a model that is free is 0, and its requests are priced 0', () => {
    const free = sheetOf({ input: 0, output: 0 });
    expect(ceilingBySheet(free, { inputTokens: 1_000, outputTokens: 100, webSearches: 0 })).toEqual({ kind: 'priced', nanoUsd: 0 });
    expect(chargeBySheet(free, { ...NO_USAGE, inputTokens: 9, outputTokens: 9 })).toMatchObject({ kind: 'priced', nanoUsd: 0 });
  });

  it.each([
    [{ inputTokens: 1, outputTokens: 1, webSearches: 0 }, 'output'],
    [{ inputTokens: 1, outputTokens: 0, webSearches: 1 }, 'webSearch'],
  ])('is not known for %j without a price', (worst, component) => {
    expect(ceilingBySheet(sheetOf({ input: 1 }), worst)).toEqual({ kind: 'unpriced', component });
  });
});
