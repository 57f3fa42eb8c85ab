import type { Caller } from '../../src/core/caller.ts';
import type { LimitLevel, LimitRule, StoreAway } from '../../src/core/limit.ts';
import type { ApiFamily } from '../../src/core/operation.ts';
import type { DecisionModel, DecisionSettings } from '../../src/pipeline/ports.ts';
import { prepareAccess } from '../../src/policy/access.ts';
import { openPriceBook } from '../../src/policy/prices/price-book.ts';
import { operatorPrice, operatorPrices, tokenRates } from '../support/price-facts.ts';
import type { Random } from './random.ts';

/** What a token costs at a provider, in nano-USD; above `aboveTokens` of input all of it is twice as dear. */
export interface TokenPrice {
  readonly input: number;
  readonly output: number;
  readonly aboveTokens: number;
}

/** Everything that stays the same in one run. */
export interface World {
  readonly settings: DecisionSettings;
  readonly callers: readonly [Caller, ...Caller[]];
  readonly prices: ReadonlyMap<string, TokenPrice>;
  /** True where providers bill what they say and keep to the cap. */
  readonly isHonest: boolean;
  /** True where sidecars have a journal, which the next process in their place reads. */
  readonly hasJournals: boolean;
}

export const PROVIDERS = ['alpha', 'beta', 'gamma'] as const;
export const MODELS = ['large', 'spare', 'small'] as const;
const CLIENTS = ['api', 'batch', 'chat'] as const;
const LEVELS: readonly [LimitLevel, ...LimitLevel[]] = ['team', 'tier', 'client', 'user', 'address'];

/** USD for a million tokens are thousandths of a nano-USD. */
const nanoPerMillion = 1_000;

export function drawWorld(random: Random, nowMs: number): World {
  const prices = new Map<string, TokenPrice>(
    PROVIDERS.map((name) => [
      name,
      { input: random.between(1, 20) * 50, output: random.between(1, 40) * 100, aboveTokens: random.between(100, 600) },
    ]),
  );
  return {
    settings: drawSettings(random, nowMs, prices),
    callers: drawCallers(random),
    prices,
    isHonest: random.chance(0.7),
    hasJournals: random.chance(0.5),
  };
}

/** By the settings: every policy of the one tenant charges a stream that was cut by what was seen of it, and none of the other. */
export const isObserved = ({ client }: Caller): boolean => client === 'chat';

/** Tenants share no tier, user or address: a budget of those would follow the calendar of whoever asks. */
function drawCallers(random: Random): readonly [Caller, ...Caller[]] {
  const draw = (): Caller => {
    const client = random.pick(CLIENTS);
    const isOps = client === 'chat';
    return {
      kind: 'jwt',
      key: undefined,
      client,
      user: random.pick(isOps ? [undefined, 'cid'] : [undefined, 'ann', 'bob']),
      team: undefined,
      tier: random.pick([undefined, isOps ? 'silver' : 'gold']),
      issuer: 'issuer',
      jti: undefined,
      expiresAtMs: undefined,
      address: random.pick(isOps ? [undefined, '198.51.100.4'] : [undefined, '203.0.113.9', '2001:db8::7']),
    };
  };
  return [draw(), draw(), draw(), draw(), draw(), draw()];
}

function drawSettings(random: Random, nowMs: number, prices: ReadonlyMap<string, TokenPrice>): DecisionSettings {
  const apis = new Map<string, ApiFamily>(PROVIDERS.map((name) => [name, name === 'gamma' && random.chance(0.4) ? 'anthropic' : 'openai']));
  const models = new Map(MODELS.map((name) => [name, drawModel(random)]));
  const access = prepareAccess({
    models,
    policies: new Map(
      ['strict', 'loose'].map((name) => [
        name,
        { models: ['*'], operations: undefined, providers: undefined, networks: undefined, masking: undefined, injection: undefined },
      ]),
    ),
    teams: new Map([['ops', { policy: 'loose', networks: undefined, clients: ['chat'] }]]),
    clients: new Map(CLIENTS.map((name) => [name, { policy: name === 'chat' ? 'loose' : 'strict', networks: undefined }])),
    tiers: new Map([
      ['gold', { policy: 'strict' }],
      ['silver', { policy: 'loose' }],
    ]),
  });
  const some = (): readonly LimitRule[] => Array.from({ length: random.between(0, 2) }, () => drawRule(random));
  return {
    access,
    masking: () => undefined,
    injection: undefined,
    guards: new Map(),
    nameFinder: undefined,
    limits: {
      global: [drawRule(random), ...some()],
      models: new Map([['large', some()]]),
      each: new Map([
        [random.pick(LEVELS), [drawRule(random)]],
        [random.pick(LEVELS), some()],
      ]),
      policies: new Map([
        ['strict', some()],
        ['loose', some()],
      ]),
      observing: new Set(['loose']),
      timeZone: 'UTC',
      timeZoneOfTeam: new Map([['ops', random.pick(['Asia/Kolkata', 'Europe/Berlin'])]]),
      any: true,
    },
    prices: openPriceBook({
      providers: new Map(
        PROVIDERS.map((name) => [name, { api: apis.get(name) ?? 'openai', host: `${name}.example`, priceList: undefined }]),
      ),
      prices: operatorPrices(Object.fromEntries([...prices].map(([name, price]) => [name, { '*': statedPrice(price) }]))),
      sinceMs: nowMs,
    }),
    models,
    providers: new Map(
      PROVIDERS.map((name) => [
        name,
        { api: apis.get(name) ?? 'openai', authority: `${name}.example`, basePath: '', needsKey: false, fingerprint: name },
      ]),
    ),
    principals: new Map(),
    issuers: new Map(),
    trustedHops: 0,
    bodyBytesMax: 1_000_000,
    storeMsMax: 1_000,
    stageMsMax: 1_900,
  };
}

function drawModel(random: Random): DecisionModel {
  const names = PROVIDERS.map((name) => ({ name, place: random.fraction() }))
    .toSorted((left, right) => left.place - right.place)
    .map(({ name }) => name);
  const max = random.between(20, 200);
  return {
    targets: names.slice(0, random.between(1, 3)).map((provider) => ({ provider, model: `${provider}-model` })),
    route: 'model-1000',
    cap: {
      default: random.pick([undefined, Math.ceil(max / 2)]) ?? max,
      max,
      chatField: random.pick(['max_tokens', 'max_completion_tokens']),
    },
    contextTokens: undefined,
    vocabulary: undefined,
    needsApproval: false,
  };
}

function drawRule(random: Random): LimitRule {
  const storeAway: StoreAway = random.chance(0.15) ? 'allow' : 'deny';
  const common = { model: random.pick([undefined, undefined, undefined, random.pick(MODELS)]), storeAway };
  const windowMs = random.pick([1_000, 10_000, 60_000, 600_000]);
  switch (random.between(0, 3)) {
    case 0:
      return { ...common, kind: 'requests', limit: random.between(2, 30), windowMs };
    case 1:
      return { ...common, kind: 'tokens', limit: random.between(20, 200) * 100, windowMs };
    case 2:
      return { ...common, kind: 'concurrent', limit: random.between(1, 6) };
    default:
      return { ...common, kind: 'budget', limit: random.between(10, 400) * 100_000, period: random.pick(['day', 'week', 'month']) };
  }
}

/** As an operator writes it. */
function statedPrice({ input, output, aboveTokens }: TokenPrice): ReturnType<typeof operatorPrice> {
  const rates = { input: input / nanoPerMillion, output: output / nanoPerMillion };
  return operatorPrice({
    ...rates,
    tiers: [{ ...tokenRates({ input: rates.input * 2, output: rates.output * 2 }), above: aboveTokens }],
  });
}
