import type { Amounts } from '../../src/core/limit.ts';

/** What an exchange must be charged by docs/limits.md, as far as that can be told from outside: `least` to `most`. */
export interface Expected {
  /** The rule, for whoever reads a failure. */
  readonly rule: string;
  readonly least: Amounts;
  readonly most: Amounts;
}

export const amountsOf = (requests: number, tokens = 0, nanoUsd = 0): Amounts => ({ requests, tokens, nanoUsd });

export const between = (rule: string, least: Amounts, most: Amounts): Expected => ({ rule, least, most });

export const exactly = (rule: string, amounts: Amounts): Expected => between(rule, amounts, amounts);

export const plus = (left: Amounts, right: Pick<Amounts, 'tokens' | 'nanoUsd'>): Amounts => ({
  requests: left.requests,
  tokens: left.tokens + right.tokens,
  nanoUsd: left.nanoUsd + right.nanoUsd,
});

export const isWithin = ({ requests, tokens, nanoUsd }: Amounts, { least, most }: Pick<Expected, 'least' | 'most'>): boolean =>
  isAtLeast({ requests, tokens, nanoUsd }, least) && isAtLeast(most, { requests, tokens, nanoUsd });

export const isAtLeast = (left: Amounts, right: Amounts): boolean =>
  left.requests >= right.requests && left.tokens >= right.tokens && left.nanoUsd >= right.nanoUsd;

export const isSame = (left: Amounts, right: Amounts): boolean => isWithin(left, { least: right, most: right });
