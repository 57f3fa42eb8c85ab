import type { History } from './history.ts';

/** A model's prices at a provider. */
export interface Price {
  readonly standard: History;
  /** By the name that the API has for a service tier. */
  readonly tiers: ReadonlyMap<string, History>;
}

/** Names of the standard tier, and of tiers that are sold at its price or below it. */
const NO_DEARER: ReadonlySet<string> = new Set(['standard', 'default', 'standard_only', 'flex', 'batch', 'scale']);

/** What a request or an answer says beside the model that the price depends on. */
export interface TierFacts {
  /** `service_tier` of the API. */
  readonly serviceTier: string | undefined;
  /** `speed` of Anthropic's API: a fast answer has a price of its own. */
  readonly speed: string | undefined;
  /** `inference_geo` of Anthropic's API: a place that is chosen is dearer. */
  readonly inferenceGeo?: string | undefined;
}

/** The tier's name; undefined = it is left to the provider, by a setting of the account that we cannot see. */
export const tierOf = ({ serviceTier, speed }: TierFacts): string | undefined =>
  speed !== undefined && speed !== 'standard' ? speed : serviceTier === 'auto' ? undefined : serviceTier;

/** The prices of the tier that an answer names; undefined where nobody states them. */
export function pricesOfServed({ standard, tiers }: Price, tier: string | undefined): History | undefined {
  return tier === undefined ? standard : (tiers.get(tier) ?? (NO_DEARER.has(tier) ? standard : undefined));
}

/**
 * The prices of every tier that a request may be served in which names this one: where it names none, all that are stated. What a
 * dearer tier has no room for is served as standard. Undefined where nobody states the tier's price.
 */
export function pricesOfAsked(price: Price, tier: string | undefined): readonly History[] | undefined {
  if (tier === undefined) {
    return [price.standard, ...price.tiers.values()];
  }
  const named = pricesOfServed(price, tier);
  return named === undefined ? undefined : [named, price.standard];
}
