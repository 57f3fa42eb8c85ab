import type { History } from './history.ts';
import { findListed, readListed } from './listed-price.ts';
import { findStated, readStated, type OperatorPrices } from './operator-price.ts';
import { priceListOf, type PricedProvider } from './price-list.ts';
import type { Price } from './service-tier.ts';

export interface PriceSearch {
  readonly prices: OperatorPrices;
  readonly provider: string;
  readonly facts: PricedProvider;
  /** The target's own name of the model. */
  readonly model: string;
  /** The name that the model was or may be served under, as far as it is known. */
  readonly served: string | undefined;
}

export type FoundPrice = Price & { readonly by: 'served' | 'configured' };

/**
 * A price that the operator states comes before any list, also where it is stated for the target's name and the served one differs
 * (`gpt-5`, served as `gpt-5-2025-08-07`). Then the served name comes before the target's.
 */
export function findPrice(search: PriceSearch): FoundPrice | undefined {
  const { model, served } = search;
  return (
    named('served', statedPrice(search, served)) ??
    named('configured', statedPrice(search, model)) ??
    named('served', listedPrice(search, served)) ??
    named('configured', listedPrice(search, model))
  );
}

const named = (by: FoundPrice['by'], price: Price | undefined): FoundPrice | undefined =>
  price === undefined ? undefined : { ...price, by };

function statedPrice({ prices, provider, facts: { api } }: PriceSearch, name: string | undefined): Price | undefined {
  const stated = name === undefined ? undefined : findStated(prices, provider, name);
  return stated === undefined
    ? undefined
    : {
        standard: readStated(stated, api),
        tiers: new Map([...stated.serviceTiers].map(([tier, rates]): [string, History] => [tier, readStated(rates, api)])),
      };
}

function listedPrice({ facts }: PriceSearch, name: string | undefined): Price | undefined {
  const list = priceListOf(facts);
  const listed = list === undefined || name === undefined ? undefined : findListed(list, name);
  const standard = listed === undefined ? undefined : readListed(listed, facts.api);
  return standard === undefined ? undefined : { standard, tiers: new Map() };
}
