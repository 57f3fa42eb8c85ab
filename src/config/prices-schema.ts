import { z } from 'zod';
import { didYouMean } from './suggest.ts';

/** The price lists of genai-prices. */
const PRICE_LISTS = [
  'anthropic',
  'arcee',
  'avian',
  'aws',
  'azure',
  'baseten',
  'cerebras',
  'cloudflare',
  'cohere',
  'cursor',
  'deepseek',
  'doubleword',
  'fireworks',
  'github-copilot',
  'google',
  'groq',
  'huggingface_cerebras',
  'huggingface_fireworks-ai',
  'huggingface_groq',
  'huggingface_hyperbolic',
  'huggingface_nebius',
  'huggingface_novita',
  'huggingface_nscale',
  'huggingface_ovhcloud',
  'huggingface_publicai',
  'huggingface_sambanova',
  'huggingface_together',
  'minimax',
  'mistral',
  'modal',
  'moonshotai',
  'novita',
  'openai',
  'openrouter',
  'ovhcloud',
  'perplexity',
  'quicksilverpro',
  'together',
  'typesafe',
  'voyageai',
  'x-ai',
  'zai',
  'zhipuai',
] as const;

/** `providers.*.prices`: the price list that holds for a provider, where its host does not tell. */
export const priceList = z.enum(PRICE_LISTS);

const tiersMax = 8;
const tokensMax = 1_000_000_000;

/** USD with at most six decimals. A free model says 0: what is not stated has no price. */
const usd = (what: string): z.ZodType<string | number> => {
  const help = `use USD ${what} with at most six decimals, from 0 to 999999.999999, such as 1.25 or "0.075"`;
  return z.union([z.number(), z.string()], help).refine((amount) => /^\d{1,6}(\.\d{1,6})?$/.test(String(amount)), help);
};

const tokenUsd = usd('for a million tokens');

const tokenRates = {
  input: tokenUsd,
  output: tokenUsd.optional(),
  cacheRead: tokenUsd.optional(),
  cacheWrite: tokenUsd.optional(),
  cacheWrite1h: tokenUsd.optional(),
  inputAudio: tokenUsd.optional(),
  outputAudio: tokenUsd.optional(),
};

const rateFields = {
  ...tokenRates,
  request: usd('a request').optional(),
  webSearch: usd('a search').optional(),
  /** Each holds for the whole of a request with more input tokens than `above`. */
  tiers: z
    .array(z.strictObject({ above: z.int().min(1).max(tokensMax), ...tokenRates }))
    .min(1)
    .max(tiersMax)
    .optional(),
};

type Rates = z.output<z.ZodObject<typeof rateFields>>;
type TokenRates = Pick<Rates, keyof typeof tokenRates>;

const serviceTier = z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/, 'use the name that the API has for the service tier, such as priority');

const price = z
  .strictObject({
    ...rateFields,
    /** By the tier's name in the API, e.g. `priority`. */
    serviceTiers: z.record(serviceTier, z.strictObject(rateFields).superRefine(checkTiers).meta({ id: 'Rates' })).optional(),
  })
  .superRefine(checkTiers)
  .meta({ id: 'Price' });

const pattern = z.string().regex(/^([^*\s]{1,256}\*?|\*)$/, 'use the name of a model, or a prefix that ends in "*"');

/** `prices` of the settings: what the price lists do not know, or what differs for you. */
export const pricesSchema = z.strictObject({
  /** What is taken where a price is not known. Without it such a request is refused where money is limited. */
  ceiling: z.strictObject({ input: tokenUsd, output: tokenUsd }).optional(),
  /** By provider, then by model. */
  providers: z.record(z.string(), z.record(pattern, price)).default({}),
});

type RawPrices = z.output<typeof pricesSchema>;

/** A price that a tier leaves out would be that of small requests, for the large ones that the tier is about. */
function checkTiers(rates: Rates, context: z.core.$RefinementCtx): void {
  const report = (path: readonly (string | number)[], message: string): void => {
    context.addIssue({ code: 'custom', path: ['tiers', ...path], message });
  };
  for (const [index, tier] of (rates.tiers ?? []).entries()) {
    const before = rates.tiers?.[index - 1];
    if (before !== undefined && tier.above <= before.above) {
      report([index, 'above'], `put the tiers in order: this one must be above more than ${String(before.above)} tokens`);
    }
    for (const part of parts) {
      if ((tier[part] === undefined) !== (rates[part] === undefined)) {
        report(
          [index, part],
          tier[part] === undefined
            ? `state ${part} in this tier too: the model has a price for it`
            : `state ${part} of the model too: only this tier has a price for it`,
        );
      }
    }
  }
}

const parts: readonly (keyof TokenRates)[] = ['input', 'output', 'cacheRead', 'cacheWrite', 'cacheWrite1h', 'inputAudio', 'outputAudio'];

/** Every provider that has prices must be declared. */
export function checkPriceRelations(
  raw: { readonly prices: RawPrices; readonly providers: Readonly<Record<string, unknown>> },
  report: (path: readonly (string | number)[], message: string) => void,
): void {
  for (const name of Object.keys(raw.prices.providers)) {
    if (!Object.hasOwn(raw.providers, name)) {
      report(['prices', 'providers', name], `unknown provider "${name}"${didYouMean(name, Object.keys(raw.providers))}`);
    }
  }
}

/** USD for a million tokens, as a number whose shortest decimal text is the amount that was written. */
export interface ResolvedTokenRates {
  readonly input: number;
  readonly output: number | undefined;
  readonly cacheRead: number | undefined;
  readonly cacheWrite: number | undefined;
  readonly cacheWrite1h: number | undefined;
  readonly inputAudio: number | undefined;
  readonly outputAudio: number | undefined;
}

export interface ResolvedRates extends ResolvedTokenRates {
  /** USD a request. */
  readonly request: number | undefined;
  /** USD a search. */
  readonly webSearch: number | undefined;
  readonly tiers: readonly (ResolvedTokenRates & { readonly above: number })[];
}

export interface PriceSettings {
  readonly ceiling: { readonly input: number; readonly output: number } | undefined;
  /** By provider, then by a model's name or a `prefix*`. */
  readonly providers: ReadonlyMap<
    string,
    ReadonlyMap<string, ResolvedRates & { readonly serviceTiers: ReadonlyMap<string, ResolvedRates> }>
  >;
}

export const resolvePrices = ({ ceiling, providers }: RawPrices): PriceSettings => ({
  ceiling: ceiling === undefined ? undefined : { input: Number(ceiling.input), output: Number(ceiling.output) },
  providers: mapped(providers, (models) =>
    mapped(models, (rates) => ({ ...resolveRates(rates), serviceTiers: mapped(rates.serviceTiers ?? {}, resolveRates) })),
  ),
});

const mapped = <Raw, Resolved>(entries: Readonly<Record<string, Raw>>, resolve: (raw: Raw) => Resolved): ReadonlyMap<string, Resolved> =>
  new Map(Object.entries(entries).map(([name, raw]) => [name, resolve(raw)]));

const resolveRates = (rates: Rates): ResolvedRates => ({
  ...resolveTokenRates(rates),
  request: numberOf(rates.request),
  webSearch: numberOf(rates.webSearch),
  tiers: (rates.tiers ?? []).map((tier) => ({ above: tier.above, ...resolveTokenRates(tier) })),
});

const resolveTokenRates = (rates: TokenRates): ResolvedTokenRates => ({
  input: Number(rates.input),
  output: numberOf(rates.output),
  cacheRead: numberOf(rates.cacheRead),
  cacheWrite: numberOf(rates.cacheWrite),
  cacheWrite1h: numberOf(rates.cacheWrite1h),
  inputAudio: numberOf(rates.inputAudio),
  outputAudio: numberOf(rates.outputAudio),
});

/** Twelve digits at most: a double holds fifteen. */
const numberOf = (amount: string | number | undefined): number | undefined => (amount === undefined ? undefined : Number(amount));
