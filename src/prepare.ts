import { providerFingerprint, routeOf } from './config/fingerprint.ts';
import type { Model, Settings } from './config/settings.ts';
import type { LimitRule } from './core/limit.ts';
import { stageShare } from './core/stage-share.ts';
import type { DecisionModel, DecisionProvider, DecisionSettings } from './pipeline/ports.ts';
import { prepareAccess } from './policy/access.ts';
import { prepareGuards } from './policy/guards/tables.ts';
import type { LimitTables } from './policy/limits/applicable.ts';
import { openMaskings } from './policy/masking/masking.ts';
import type { CapRule } from './policy/llm/cap-output.ts';
import { openPriceBook, type PriceBook } from './policy/prices/price-book.ts';

/** The settings as the decision path reads them: indexed, nothing to look up twice. */
export function prepareDecisions(settings: Settings): DecisionSettings {
  return {
    access: prepareAccess(settings),
    limits: prepareLimits(settings),
    masking: openMaskings(settings.masking, { patterns: settings.patterns, names: settings.names.known }),
    injection: settings.injection,
    guards: prepareGuards(settings),
    nameFinder: settings.names.presidio,
    prices: preparePrices(settings),
    models: new Map(
      [...settings.models].map(([name, model]): [string, DecisionModel] => [
        name,
        {
          targets: model.targets,
          route: routeOf(model),
          cap: capRule(model),
          contextTokens: model.contextTokens,
          vocabulary: model.vocabulary,
          needsApproval: model.needsApproval,
        },
      ]),
    ),
    providers: new Map(
      [...settings.providers].map(([name, provider]): [string, DecisionProvider] => [
        name,
        {
          api: provider.api,
          authority: provider.authority,
          basePath: provider.basePath,
          needsKey: provider.credential !== undefined,
          fingerprint: providerFingerprint(provider),
        },
      ]),
    ),
    principals: settings.identity.principals ?? new Map(),
    issuers: new Map(settings.identity.issuers.map((issuer) => [issuer.issuer, issuer])),
    trustedHops: settings.edge.trustedHops,
    bodyBytesMax: settings.edge.bodyMaxBytes,
    storeMsMax: settings.edge.storeTimeoutMs,
    stageMsMax: settings.edge.decisionTimeoutMs * stageShare,
  };
}

/**
 * A model that names only one of both figures has it for both, or no maximum. Without either nothing is changed but the name that is not
 * read: the older one is by nearly every server.
 */
function capRule({ output }: Model): CapRule | undefined {
  const usual = output.default ?? output.max;
  const isChanged = usual !== undefined || output.field === 'max_tokens';
  return isChanged ? { default: usual, max: output.max ?? Number.MAX_SAFE_INTEGER, chatField: output.field } : undefined;
}

export function prepareLimits(settings: Settings): LimitTables {
  const { limits, policies, organisations } = settings;
  return {
    ...limits,
    policies: new Map([...policies].map(([name, policy]) => [name, policy.limits])),
    observing: new Set([...policies].flatMap(([name, { onDisconnect }]) => (onDisconnect === 'observed' ? [name] : []))),
    timeZoneOfTeam: new Map([...organisations.values()].flatMap(({ timezone, teams }) => teams.map((team) => [team, timezone] as const))),
    any: rulesOf(settings).length > 0,
  };
}

/** True where some limit lets requests through while the store is away: they are then worth serving without it. */
export const hasOptionalLimit = (settings: Settings): boolean => rulesOf(settings).some(({ storeAway }) => storeAway === 'allow');

const rulesOf = ({ limits, policies }: Settings): readonly LimitRule[] =>
  [limits.global, ...limits.models.values(), ...limits.each.values(), ...[...policies.values()].map((policy) => policy.limits)].flat();

export const preparePrices = ({ providers, prices }: Settings): PriceBook =>
  openPriceBook({
    providers: new Map([...providers].map(([name, { api, host, priceList }]) => [name, { api, host, priceList }])),
    prices,
    sinceMs: Date.now(),
  });
