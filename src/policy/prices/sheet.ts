/** The parts of a request's tokens that have prices of their own. No token is in two of them. */
export const INPUT_PARTS = ['input', 'inputAudio', 'cacheRead', 'cacheReadAudio', 'cacheWrite', 'cacheWrite1h'] as const;
export const OUTPUT_PARTS = ['output', 'reasoning', 'outputAudio'] as const;
export type InputPart = (typeof INPUT_PARTS)[number];
export type OutputPart = (typeof OUTPUT_PARTS)[number];

/** Pico-USD a token. */
export interface Rate {
  readonly base: number;
  /** By rising `above`. A tier holds for every token of a request whose whole input is above so many tokens. */
  readonly tiers: readonly { readonly above: number; readonly rate: number }[];
}

/** What one model costs at one provider, in one service tier, at one time. Undefined = there is no price, which never means 0. */
export interface Sheet {
  readonly input: Readonly<Record<InputPart, Rate | undefined>> & { readonly input: Rate };
  readonly output: Readonly<Record<OutputPart, Rate | undefined>>;
  /** Of tokens that usage does not tell apart, such as those of images: they count only in what a request costs at most. */
  readonly otherInput: readonly Rate[];
  readonly otherOutput: readonly Rate[];
  /** Nano-USD, whatever the tokens. */
  readonly request: number;
  /** Nano-USD a search. */
  readonly webSearch: number | undefined;
}

export const flatRate = (rate: number): Rate => ({ base: rate, tiers: [] });

export const mapRate = ({ base, tiers }: Rate, change: (rate: number) => number): Rate => ({
  base: change(base),
  tiers: tiers.map(({ above, rate }) => ({ above, rate: change(rate) })),
});

/** The price for a request of so many input tokens. */
export const rateAt = ({ base, tiers }: Rate, inputTokens: number): number =>
  tiers.findLast(({ above }) => inputTokens > above)?.rate ?? base;

/** The dearest price for any request of at most so many input tokens. */
export const dearestUpTo = ({ base, tiers }: Rate, inputTokensMax: number): number =>
  tiers.reduce((dearest, { above, rate }) => (inputTokensMax > above ? Math.max(dearest, rate) : dearest), base);
