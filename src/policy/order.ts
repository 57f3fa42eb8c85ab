import type { ApiFamily } from '../core/operation.ts';
import { deny, next, type Outcome } from '../core/outcome.ts';

/** One attempt as its provider will see it. */
export interface Attempt {
  /** The provider's Envoy cluster. */
  readonly cluster: string;
  /** The provider's own name of the model. */
  readonly model: string;
  readonly path: string;
  readonly authority: string;
}

/** Never empty. */
export type Order = readonly [Attempt, ...Attempt[]];

export interface OrderFacts {
  readonly targets: readonly { readonly provider: string; readonly model: string }[];
  readonly providers: ReadonlyMap<string, { readonly api: ApiFamily; readonly authority: string; readonly basePath: string }>;
  readonly api: ApiFamily;
  /** The endpoint's path with the query that goes along, e.g. `/v1/messages?beta=true`. */
  readonly path: string;
  readonly mayUse: (provider: string) => boolean;
  /** A key is there (or none is needed), and Envoy's present configuration has this provider as we know it. */
  readonly isLive: (provider: string) => boolean;
}

/** The targets of this request in their order, only those that may be used and can be: an attempt elsewhere is never made. */
export function judgeOrder(facts: OrderFacts): Outcome<Order> {
  const attempts: Attempt[] = [];
  let isOffered = false;
  let isPermitted = false;
  for (const target of facts.targets) {
    const provider = facts.providers.get(target.provider);
    if (provider?.api !== facts.api) {
      continue;
    }
    isOffered = true;
    if (!facts.mayUse(target.provider)) {
      continue;
    }
    isPermitted = true;
    if (facts.isLive(target.provider)) {
      attempts.push({
        cluster: target.provider,
        model: target.model,
        path: providerPath(provider, facts.path),
        authority: provider.authority,
      });
    }
  }
  if (isOrder(attempts)) {
    return next(attempts);
  }
  if (!isOffered) {
    return deny('model_operation_unsupported', `no target speaks the ${facts.api} API`);
  }
  return isPermitted
    ? deny('model_unavailable', 'no target is live')
    : deny('model_not_allowed', 'no target is at a provider that the policy allows');
}

const isOrder = (attempts: readonly Attempt[]): attempts is Order => attempts.length > 0;

/**
 * Where a provider has an endpoint. Base URLs follow the SDKs: OpenAI's ends in its version (`https://host/v1`, the default, or
 * `https://host/openai/v1`), Anthropic's does not.
 */
export function providerPath(provider: { readonly api: ApiFamily; readonly basePath: string }, path: string): string {
  if (provider.api === 'openai' && provider.basePath !== '') {
    return `${provider.basePath}${path.slice('/v1'.length)}`;
  }
  return `${provider.basePath}${path}`;
}
