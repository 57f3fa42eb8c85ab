import { oncePer } from '../../core/once-per.ts';
import type { Unpriced } from './charge.ts';
import { chargeOf, feeOf, sumOf } from './units.ts';
import { dearestUpTo, INPUT_PARTS, OUTPUT_PARTS, type Rate, type Sheet } from './sheet.ts';

/** The most that a request may use. */
export interface WorstCase {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly webSearches: number;
}

export type Ceiling = { readonly kind: 'priced'; readonly nanoUsd: number } | Unpriced;

/**
 * What no usage within `worst` exceeds by this sheet: every token at the dearest price of its direction, in the dearest tier that
 * the input can reach.
 */
export function ceilingBySheet(sheet: Sheet, worst: WorstCase): Ceiling {
  if (worst.outputTokens > 0 && sheet.output.output === undefined) {
    return { kind: 'unpriced', component: 'output' };
  }
  if (worst.webSearches > 0 && sheet.webSearch === undefined) {
    return { kind: 'unpriced', component: 'webSearch' };
  }
  const { input, output } = ratesOf(sheet);
  const nanoUsd = sumOf([
    boundOf(worst.inputTokens, dearest(input, worst.inputTokens), INPUT_PARTS.length),
    boundOf(worst.outputTokens, dearest(output, worst.inputTokens), OUTPUT_PARTS.length),
    sheet.request,
    feeOf(worst.webSearches, sheet.webSearch ?? 0),
  ]);
  return { kind: 'priced', nanoUsd };
}

interface DirectedRates {
  readonly input: readonly Rate[];
  readonly output: readonly Rate[];
}

/** Sheets are few and each is asked for every request. */
const ratesOf = oncePer((sheet: Sheet): DirectedRates => ({
  input: [...INPUT_PARTS.flatMap((part) => sheet.input[part] ?? []), ...sheet.otherInput],
  output: [...OUTPUT_PARTS.flatMap((part) => sheet.output[part] ?? []), ...sheet.otherOutput],
}));

const dearest = (rates: readonly Rate[], inputTokens: number): number =>
  rates.reduce((most, rate) => Math.max(most, dearestUpTo(rate, inputTokens)), 0);

/** Each part of a usage is rounded up on its own, which adds less than 1 nano-USD a part to what all of it costs together. */
const boundOf = (tokens: number, picoUsd: number, parts: number): number =>
  tokens === 0 || picoUsd === 0 ? 0 : sumOf([chargeOf(tokens, picoUsd), parts - 1]);
