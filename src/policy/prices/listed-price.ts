import { findProvider, type ConditionalPrice, type ModelInfo, type ModelPrice, type Provider } from '@pydantic/genai-prices';
import type { ApiFamily } from '../../core/operation.ts';
import { completeRates } from './complete.ts';
import { readSpan, type DatedSheet, type History } from './history.ts';
import { matchesListed, withDashedDate } from './match.ts';
import type { Rate, Sheet } from './sheet.ts';
import { millionthsOf } from './units.ts';

/** Of a model's name as an answer states it: what is longer is no model's. */
const nameLengthMax = 256;

/** The model of a price list that a name means. Lists are those of genai-prices, by their id, as they were when it was published. */
export function findListed(list: string, name: string): ModelInfo | undefined {
  if (name.length > nameLengthMax) {
    return undefined;
  }
  const lists = [list, ...(listOf(list)?.fallback_model_providers ?? [])];
  const models = lists.flatMap((id) => listOf(id)?.models ?? []);
  const plain = name.toLowerCase().trim();
  const dashed = withDashedDate(plain);
  return models.find(({ match }) => matchesListed(match, plain)) ?? models.find(({ match }) => matchesListed(match, dashed));
}

/** The library also guesses at ids that it does not have. */
function listOf(id: string): Provider | undefined {
  const provider = findProvider({ providerId: id });
  return provider?.id === id ? provider : undefined;
}

/** A listed model's prices over time; undefined where tokens have no price, or it is said in a way that we do not know. */
export function readListed(model: Pick<ModelInfo, 'prices'>, api: ApiFamily): History | undefined {
  const dated = isDated(model.prices) ? model.prices : [{ prices: model.prices }];
  const [first, ...later] = dated.map((each) => readDated(each, api));
  return first === undefined || !isComplete(later) ? undefined : [first, ...later];
}

const isDated = (prices: ModelInfo['prices']): prices is ConditionalPrice[] => Array.isArray(prices);

const isComplete = (sheets: readonly (DatedSheet | undefined)[]): sheets is readonly DatedSheet[] => !sheets.includes(undefined);

function readDated({ constraint, prices }: ConditionalPrice, api: ApiFamily): DatedSheet | undefined {
  const span = readSpan(constraint);
  const sheet = readSheet(prices, api);
  return span === undefined || sheet === undefined ? undefined : { span, sheet };
}

const PARTS: ReadonlySet<string> = new Set([
  'input_mtok',
  'input_audio_mtok',
  'cache_read_mtok',
  'cache_audio_read_mtok',
  'cache_write_mtok',
  'cache_write_1h_mtok',
  'output_mtok',
  'output_reasoning_mtok',
  'output_audio_mtok',
]);

/** Keys end in their unit: `_mtok` = USD for a million tokens, `_kcount` = USD for a thousand uses. */
function readSheet(price: ModelPrice, api: ApiFamily): Sheet | undefined {
  const rates = new Map(Object.entries(price).map(([key, value]) => [key, value === undefined ? undefined : readRate(value)]));
  const input = rates.get('input_mtok');
  if (input === undefined || [...rates.values()].includes(undefined)) {
    return undefined;
  }
  const others = [...rates].flatMap(([key, rate]) =>
    key.endsWith('_mtok') && !PARTS.has(key) && rate !== undefined ? [{ key, rate }] : [],
  );
  return {
    ...completeRates(
      {
        input: {
          input,
          inputAudio: rates.get('input_audio_mtok'),
          cacheRead: rates.get('cache_read_mtok'),
          cacheReadAudio: rates.get('cache_audio_read_mtok'),
          cacheWrite: rates.get('cache_write_mtok'),
          cacheWrite1h: rates.get('cache_write_1h_mtok'),
        },
        output: {
          output: rates.get('output_mtok'),
          reasoning: rates.get('output_reasoning_mtok'),
          outputAudio: rates.get('output_audio_mtok'),
        },
      },
      api,
    ),
    otherInput: others.filter(({ key }) => !key.startsWith('output_')).map(({ rate }) => rate),
    otherOutput: others.filter(({ key }) => key.startsWith('output_')).map(({ rate }) => rate),
    request: rates.get('requests_kcount')?.base ?? 0,
    webSearch: rates.get('web_searches_kcount')?.base,
  };
}

function readRate(price: NonNullable<ModelPrice[string]>): Rate | undefined {
  const { base, tiers } = typeof price === 'number' ? { base: price, tiers: [] } : price;
  const baseRate = millionthsOf(base);
  const read = tiers.flatMap(({ start, price: usd }) => {
    const rate = millionthsOf(usd);
    return rate === undefined ? [] : [{ above: start, rate }];
  });
  return baseRate === undefined || read.length < tiers.length
    ? undefined
    : { base: baseRate, tiers: read.toSorted((left, right) => left.above - right.above) };
}
