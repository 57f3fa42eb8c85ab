import type { PriceFacts } from '../../src/policy/prices/price-book.ts';
import type { OperatorPrice, OperatorPrices, OperatorTokenRates } from '../../src/policy/prices/operator-price.ts';

/** A day on which the price lists in genai-prices 0.1.8 hold. */
export const LISTED_AT_MS = Date.parse('2026-11-21T12:00:00Z');

export const tokenRates = (stated: Partial<OperatorTokenRates> & { readonly input: number }): OperatorTokenRates => ({
  output: undefined,
  cacheRead: undefined,
  cacheWrite: undefined,
  cacheWrite1h: undefined,
  inputAudio: undefined,
  outputAudio: undefined,
  ...stated,
});

export const operatorPrice = (stated: Partial<OperatorPrice> & { readonly input: number }): OperatorPrice => ({
  ...tokenRates(stated),
  request: undefined,
  webSearch: undefined,
  tiers: [],
  serviceTiers: new Map(),
  ...stated,
});

export const operatorPrices = (
  providers: Readonly<Record<string, Readonly<Record<string, OperatorPrice>>>>,
  ceiling?: OperatorPrices['ceiling'],
): OperatorPrices => ({
  ceiling,
  providers: new Map(Object.entries(providers).map(([name, models]) => [name, new Map(Object.entries(models))])),
});

/** OpenAI's and Anthropic's own hosts, a machine of ours, and a provider whose list is named. */
export const priceFacts = (prices: OperatorPrices = operatorPrices({}), priceList?: string): PriceFacts => ({
  providers: new Map([
    ['openai', { api: 'openai', host: 'api.openai.com', priceList: undefined }],
    ['anthropic', { api: 'anthropic', host: 'api.anthropic.com', priceList: undefined }],
    ['local', { api: 'openai', host: '10.0.0.7', priceList: undefined }],
    ['named', { api: 'openai', host: 'gateway.internal', priceList }],
  ]),
  prices,
  sinceMs: LISTED_AT_MS,
});
