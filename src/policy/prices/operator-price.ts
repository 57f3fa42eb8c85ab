import { must } from '../../core/assert.ts';
import type { ApiFamily } from '../../core/operation.ts';
import { matchesModel } from '../model-scope.ts';
import { completeRates } from './complete.ts';
import type { History } from './history.ts';
import { flatRate, type Rate, type Sheet } from './sheet.ts';
import { feeOf, millionthsOf } from './units.ts';

/** USD for a million tokens. What is undefined is not stated. */
export interface OperatorTokenRates {
  readonly input: number;
  readonly output: number | undefined;
  readonly cacheRead: number | undefined;
  readonly cacheWrite: number | undefined;
  readonly cacheWrite1h: number | undefined;
  readonly inputAudio: number | undefined;
  readonly outputAudio: number | undefined;
}

export interface OperatorRates extends OperatorTokenRates {
  /** USD a request, whatever its tokens. */
  readonly request: number | undefined;
  /** USD a search. */
  readonly webSearch: number | undefined;
  /** By rising `above`, in tokens of the whole input; each states what the base states. */
  readonly tiers: readonly (OperatorTokenRates & { readonly above: number })[];
}

export interface OperatorPrice extends OperatorRates {
  /** By the tier's name in the API's `service_tier`, e.g. `priority`. */
  readonly serviceTiers: ReadonlyMap<string, OperatorRates>;
}

/** The prices that the settings state. */
export interface OperatorPrices {
  /** USD for a million tokens, where the price is not known. Undefined = it stays unknown. */
  readonly ceiling: { readonly input: number; readonly output: number } | undefined;
  /** By provider, then by a model's name or a `prefix*`. */
  readonly providers: ReadonlyMap<string, ReadonlyMap<string, OperatorPrice>>;
}

/** The price stated for a name: exactly, else by its longest prefix. */
export function findStated(prices: OperatorPrices, provider: string, name: string): OperatorPrice | undefined {
  const stated = prices.providers.get(provider);
  const pattern =
    stated?.has(name) === true
      ? name
      : [...(stated?.keys() ?? [])].filter((each) => matchesModel(each, name)).toSorted((left, right) => right.length - left.length)[0];
  return pattern === undefined ? undefined : stated?.get(pattern);
}

export function readStated(rates: OperatorRates, api: ApiFamily): History {
  const rate = (part: keyof OperatorTokenRates): Rate | undefined => {
    const base = rates[part];
    return base === undefined
      ? undefined
      : { base: exact(base), tiers: rates.tiers.map((tier) => ({ above: tier.above, rate: exact(tier[part] ?? base) })) };
  };
  const tiers = rates.tiers.map((tier) => ({ above: tier.above, rate: exact(tier.input) }));
  const sheet: Sheet = {
    ...completeRates(
      {
        input: {
          input: { base: exact(rates.input), tiers },
          inputAudio: rate('inputAudio'),
          cacheRead: rate('cacheRead'),
          cacheReadAudio: undefined,
          cacheWrite: rate('cacheWrite'),
          cacheWrite1h: rate('cacheWrite1h'),
        },
        output: { output: rate('output'), reasoning: undefined, outputAudio: rate('outputAudio') },
      },
      api,
    ),
    otherInput: [],
    otherOutput: [],
    request: feeOf(thousand, exact(rates.request ?? 0)),
    webSearch: rates.webSearch === undefined ? undefined : feeOf(thousand, exact(rates.webSearch)),
  };
  return [{ span: { kind: 'always' }, sheet }];
}

/** The same for every token of a direction, whatever it is. */
export function ceilingSheet(ceiling: NonNullable<OperatorPrices['ceiling']>): Sheet {
  const [input, output] = [flatRate(exact(ceiling.input)), flatRate(exact(ceiling.output))];
  return {
    input: { input, inputAudio: input, cacheRead: input, cacheReadAudio: input, cacheWrite: input, cacheWrite1h: input },
    output: { output, reasoning: output, outputAudio: output },
    otherInput: [],
    otherOutput: [],
    request: 0,
    webSearch: undefined,
  };
}

/** Of millionths of a dollar in nano-USD. */
const thousand = 1_000;

function exact(usd: number): number {
  const millionths = millionthsOf(usd);
  must(millionths !== undefined, `the settings let a bad price through: ${String(usd)}`);
  return millionths;
}
