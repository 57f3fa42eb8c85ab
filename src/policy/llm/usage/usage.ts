/** What an answer cost in tokens, as its provider reports it: the same figures for every API. Integers of at least 0. */
export interface Usage {
  /** All of the input, whether it came from a cache or not. */
  readonly inputTokens: number;
  /** All of the output, thoughts included, and what a provider counts in its total alone. */
  readonly outputTokens: number;
  readonly totalTokens: number;
  /** Of the input: read from a cache, written to one, and of the latter those kept for an hour. */
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly cacheWrite1hTokens: number;
  readonly audioInputTokens: number;
  /** Of the output. */
  readonly reasoningTokens: number;
  readonly audioOutputTokens: number;
  /** Uses of the provider's tools, which are billed beside the tokens. */
  readonly webSearches: number;
  readonly webFetches: number;
  /** As served, which may not be what was asked for; undefined where the answer does not say. */
  readonly model: string | undefined;
  readonly serviceTier: string | undefined;
  readonly speed: string | undefined;
  readonly inferenceGeo: string | undefined;
}

/** Counting tokens is free. */
export const NO_USAGE: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  totalTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  cacheWrite1hTokens: 0,
  audioInputTokens: 0,
  reasoningTokens: 0,
  audioOutputTokens: 0,
  webSearches: 0,
  webFetches: 0,
  model: undefined,
  serviceTier: undefined,
  speed: undefined,
  inferenceGeo: undefined,
};

/** What a document says of usage: `none` = nothing (yet); `unusable` = something that cannot be taken for a figure. */
export type Report = { readonly kind: 'reported'; readonly usage: Usage } | { readonly kind: 'none' } | { readonly kind: 'unusable' };

export const NONE: Report = { kind: 'none' };
export const UNUSABLE: Report = { kind: 'unusable' };

/** A report of these figures; unusable where they cannot be added up exactly. */
export function reported(figures: Omit<Usage, 'totalTokens'>): Report {
  const totalTokens = figures.inputTokens + figures.outputTokens;
  return Number.isSafeInteger(totalTokens) ? { kind: 'reported', usage: { ...figures, totalTokens } } : UNUSABLE;
}
