import type { Metered } from './metered.ts';
import { leastTokens, likelyTokens, streamedTokens } from './observed-text.ts';
import { NO_USAGE } from './usage.ts';
import type { Usage } from './usage.ts';

/** What was held for the request, as `worstCase` gave it. */
export interface Held {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** What happens to a stream that ends before its report: `hold` charges what was held, `observed` what was seen. */
export type OnDisconnect = 'hold' | 'observed';

/** How an answer is charged; docs/limits.md lists the rules. */
export type Charge =
  /** What the provider reports. */
  | { readonly rule: 'reported'; readonly usage: Usage }
  /** The report cannot be true, since more text was seen: the output is what the text was about. */
  | { readonly rule: 'corrected'; readonly usage: Usage }
  /** The stream was cut: what was seen of it, and a guess at the input where the provider had not told it. */
  | { readonly rule: 'observed'; readonly usage: Usage }
  /** No report that can be believed: everything that was held. */
  | { readonly rule: 'held' };

/** Bytes of a token of input, a little less than in any ordinary text; the hold has one token a byte. */
const inputBytesLikely = 2.5;

function corrected(metered: Metered, usage: Usage): Charge {
  if (usage.outputTokens >= leastTokens(metered.observed)) {
    return { rule: 'reported', usage };
  }
  return { rule: 'corrected', usage: withOutput(usage, likelyTokens(metered.observed)) };
}

const withOutput = (usage: Usage, outputTokens: number): Usage => ({
  ...usage,
  outputTokens,
  totalTokens: usage.inputTokens + outputTokens,
});

function observed(metered: Metered, held: Held): Usage {
  const told = metered.usage ?? { ...NO_USAGE, inputTokens: Math.ceil(held.inputTokens / inputBytesLikely) };
  const seen = Math.min(streamedTokens(metered.observed), held.outputTokens);
  return withOutput(told, Math.max(told.outputTokens, leastTokens(metered.observed), seen));
}

/**
 * The charge of an answer that a provider began. `isCut`: it did not end in order, or the client went away. A report that is final is
 * charged even then, since it is the bill. What is charged may be more than was held.
 */
export function chargeFor(metered: Metered, held: Held, end: { readonly isCut: boolean; readonly onDisconnect: OnDisconnect }): Charge {
  if (metered.usage !== undefined && metered.isFinal) {
    return corrected(metered, metered.usage);
  }
  return end.isCut && end.onDisconnect === 'observed' ? { rule: 'observed', usage: observed(metered, held) } : { rule: 'held' };
}
