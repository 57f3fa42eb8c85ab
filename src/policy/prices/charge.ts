import type { Usage } from '../llm/usage/usage.ts';
import { chargeOf, feeOf, sumOf } from './units.ts';
import { INPUT_PARTS, OUTPUT_PARTS, rateAt, type InputPart, type OutputPart, type Sheet } from './sheet.ts';

/** What of a usage has a price. */
export type BilledUsage = Pick<
  Usage,
  | 'inputTokens'
  | 'cacheReadTokens'
  | 'cacheWriteTokens'
  | 'cacheWrite1hTokens'
  | 'audioInputTokens'
  | 'outputTokens'
  | 'reasoningTokens'
  | 'audioOutputTokens'
  | 'webSearches'
>;

export type Component = InputPart | OutputPart | 'request' | 'webSearch';

/** Nano-USD of each component, each rounded up. */
export type Components = Readonly<Record<Component, number>>;

export type Charge = { readonly kind: 'priced'; readonly nanoUsd: number; readonly components: Components } | Unpriced;

/** The component is used and has no price. */
export interface Unpriced {
  readonly kind: 'unpriced';
  readonly component: Component;
}

/** What a usage costs by a sheet. */
export function chargeBySheet(sheet: Sheet, usage: BilledUsage): Charge {
  const input = splitInput(usage);
  const output = splitOutput(usage);
  const inputTokens = wholeInput(usage);
  const unpriced =
    INPUT_PARTS.find((part) => input[part] > 0 && sheet.input[part] === undefined) ??
    OUTPUT_PARTS.find((part) => output[part] > 0 && sheet.output[part] === undefined) ??
    (usage.webSearches > 0 && sheet.webSearch === undefined ? 'webSearch' : undefined);
  if (unpriced !== undefined) {
    return { kind: 'unpriced', component: unpriced };
  }
  const inputCharge = (part: InputPart): number => chargeAt(sheet.input[part], input[part], inputTokens);
  const outputCharge = (part: OutputPart): number => chargeAt(sheet.output[part], output[part], inputTokens);
  const components: Components = {
    input: inputCharge('input'),
    inputAudio: inputCharge('inputAudio'),
    cacheRead: inputCharge('cacheRead'),
    cacheReadAudio: inputCharge('cacheReadAudio'),
    cacheWrite: inputCharge('cacheWrite'),
    cacheWrite1h: inputCharge('cacheWrite1h'),
    output: outputCharge('output'),
    reasoning: outputCharge('reasoning'),
    outputAudio: outputCharge('outputAudio'),
    request: sheet.request,
    webSearch: feeOf(usage.webSearches, sheet.webSearch ?? 0),
  };
  return { kind: 'priced', nanoUsd: sumOf(Object.values(components)), components };
}

const chargeAt = (rate: Sheet['input'][InputPart], tokens: number, inputTokens: number): number =>
  rate === undefined ? 0 : chargeOf(tokens, rateAt(rate, inputTokens));

const written = (usage: BilledUsage): number => Math.max(usage.cacheWriteTokens, usage.cacheWrite1hTokens);
const cached = (usage: BilledUsage): number => usage.cacheReadTokens + written(usage);

/** Parts that are more than the whole mean that the whole is wrong: a tier must not be escaped by naming too small a one. */
const wholeInput = (usage: BilledUsage): number => Math.max(usage.inputTokens, cached(usage), usage.audioInputTokens);

/** Usage does not say how much of the audio came from the cache: as little as can be, because from there it is cheaper. */
function splitInput(usage: BilledUsage): Readonly<Record<InputPart, number>> {
  const fresh = wholeInput(usage) - cached(usage);
  const inputAudio = Math.min(usage.audioInputTokens, fresh);
  const cacheReadAudio = Math.min(usage.audioInputTokens - inputAudio, usage.cacheReadTokens);
  return {
    input: fresh - inputAudio,
    inputAudio,
    cacheRead: usage.cacheReadTokens - cacheReadAudio,
    cacheReadAudio,
    cacheWrite: written(usage) - usage.cacheWrite1hTokens,
    cacheWrite1h: usage.cacheWrite1hTokens,
  };
}

function splitOutput(usage: BilledUsage): Readonly<Record<OutputPart, number>> {
  const parts = usage.reasoningTokens + usage.audioOutputTokens;
  return {
    output: Math.max(usage.outputTokens - parts, 0),
    reasoning: usage.reasoningTokens,
    outputAudio: usage.audioOutputTokens,
  };
}
