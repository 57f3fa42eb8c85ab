import { openMemo } from '../../core/memo.ts';
import type { Operation } from '../../core/operation.ts';
import { ceilingBySheet, type WorstCase } from './ceiling.ts';
import { chargeBySheet, type BilledUsage, type Components } from './charge.ts';
import { dearestOf, type Applicable, type UnknownPrice } from './dearest.ts';
import { findPrice, type FoundPrice } from './find-price.ts';
import { sheetAt, sheetsSince, type History } from './history.ts';
import { ceilingSheet, type OperatorPrices } from './operator-price.ts';
import { sheetIn } from './inference-place.ts';
import type { PricedProvider } from './price-list.ts';
import { pricesOfAsked, pricesOfServed, tierOf, type TierFacts } from './service-tier.ts';
import type { Sheet } from './sheet.ts';

export interface PriceFacts {
  readonly providers: ReadonlyMap<string, PricedProvider>;
  readonly prices: OperatorPrices;
  /** When the book is opened: prices that ended before are no ceiling any more. */
  readonly sinceMs: number;
}

/** What is asked before a request is released; its tier is as the request names it. */
export interface CeilingQuestion extends TierFacts {
  readonly provider: string;
  /** Every name that may be served: the target's own, then others. */
  readonly models: readonly [string, ...string[]];
  readonly operation: Operation;
}

/** What is asked when the usage is known; its tier is as the answer names it, else as the request did. */
export interface PriceQuestion extends TierFacts {
  readonly provider: string;
  /** The target's own name of the model. */
  readonly model: string;
  /** As the answer names it; undefined = it does not. */
  readonly servedModel: string | undefined;
  readonly atMs: number;
}

/** `source` = where the figure comes from; `ceiling`: something had no price, and what the settings say for that was taken. */
export type CeilingAnswer = { readonly kind: 'bounded'; readonly nanoUsd: number; readonly source: 'models' | 'ceiling' } | UnknownPrice;

export type PriceAnswer =
  | {
      readonly kind: 'priced';
      readonly nanoUsd: number;
      readonly components: Components;
      /** By which of the model's names it was found. */
      readonly source: 'served' | 'configured' | 'ceiling';
    }
  | UnknownPrice;

/** What requests cost at most and what they did cost, in nano-USD; 9.0 million USD stand for anything above. */
export interface PriceBook {
  /** No usage within `worst` costs more, of these models at this provider, at any time from `sinceMs` on. */
  ceilingOf(question: CeilingQuestion, worst: WorstCase): CeilingAnswer;
  /** By the model that was served, even where that is dearer than the one that was asked for. Of an operation that is not free. */
  priceOf(question: PriceQuestion, usage: BilledUsage): PriceAnswer;
}

const dayMs = 86_400_000;
/** Names of models come from answers too. */
const knownModelsMax = 4_096;
/** Of these operations no provider charges anything. */
const FREE: ReadonlySet<Operation> = new Set<Operation>(['models', 'count_tokens']);

export const isFree = (operation: Operation): boolean => FREE.has(operation);

export function openPriceBook({ providers, prices, sinceMs }: PriceFacts): PriceBook {
  const known = openMemo<FoundPrice | 'unknown'>(knownModelsMax);
  const substitute = prices.ceiling === undefined ? undefined : ceilingSheet(prices.ceiling);
  // Lists have dates without a time zone, and a charge may be as of when its request began.
  const ceilingSinceMs = sinceMs - dayMs;

  const find = (provider: string, model: string, served: string | undefined): FoundPrice | 'unknown' =>
    known.get(JSON.stringify([provider, model, served]), () => {
      const facts = providers.get(provider);
      return (facts === undefined ? undefined : findPrice({ prices, provider, facts, model, served })) ?? 'unknown';
    });

  const asked = openMemo<Applicable>(knownModelsMax);
  const toAsk = (question: CeilingQuestion, name: string): Applicable => {
    const { provider, models, serviceTier, speed, inferenceGeo } = question;
    return asked.get(JSON.stringify([provider, models[0], name, serviceTier, speed, inferenceGeo]), () => findAsked(question, name));
  };
  const findAsked = (question: CeilingQuestion, name: string): Applicable => {
    const price = find(question.provider, question.models[0], name);
    if (price === 'unknown') {
      return { sheets: [], missing: missing('model', name) };
    }
    const tier = tierOf(question);
    const named = pricesOfAsked(price, tier);
    const sheets = sheetsOf(named ?? [price.standard], question, ceilingSinceMs);
    return { sheets, missing: named === undefined ? missing('serviceTier', String(tier)) : undefined };
  };

  const toServe = (question: PriceQuestion): Applicable & { readonly source: 'served' | 'configured' | 'ceiling' } => {
    const { provider, model, servedModel, atMs } = question;
    const price = find(provider, model, servedModel);
    if (price === 'unknown') {
      return { sheets: [], missing: missing('model', servedModel ?? model), source: 'ceiling' };
    }
    const tier = tierOf(question);
    const served = pricesOfServed(price, tier);
    const sheets = [sheetIn(sheetAt(served ?? price.standard, atMs), question.inferenceGeo)];
    return { sheets, missing: served === undefined ? missing('serviceTier', String(tier)) : undefined, source: price.by };
  };

  return {
    ceilingOf(question, most) {
      if (isFree(question.operation)) {
        return { kind: 'bounded', nanoUsd: 0, source: 'models' };
      }
      const worst = question.operation === 'embeddings' ? { ...most, outputTokens: 0 } : most;
      const [first, ...others] = question.models;
      const applicable = others.length === 0 ? toAsk(question, first) : joined(question.models.map((name) => toAsk(question, name)));
      const dearest = dearestOf(applicable, substitute, (sheet) => ceilingBySheet(sheet, worst));
      return dearest.kind === 'unknown'
        ? dearest
        : { kind: 'bounded', nanoUsd: dearest.figure.nanoUsd, source: dearest.isSubstituted ? 'ceiling' : 'models' };
    },
    priceOf(question, usage) {
      const { source, ...applicable } = toServe(question);
      const dearest = dearestOf(applicable, substitute, (sheet) => chargeBySheet(sheet, usage));
      return dearest.kind === 'unknown' ? dearest : { ...dearest.figure, source: dearest.isSubstituted ? 'ceiling' : source };
    },
  };
}

const sheetsOf = (histories: readonly History[], { inferenceGeo }: TierFacts, sinceMs: number): readonly Sheet[] =>
  [...new Set(histories.flatMap((history) => sheetsSince(history, sinceMs)))].map((sheet) => sheetIn(sheet, inferenceGeo));

const missing = (what: UnknownPrice['what'], name: string): UnknownPrice => ({ kind: 'unknown', what, name });

const joined = (all: readonly Applicable[]): Applicable => ({
  sheets: all.flatMap(({ sheets }) => sheets),
  missing: all.find((each) => each.missing !== undefined)?.missing,
});
