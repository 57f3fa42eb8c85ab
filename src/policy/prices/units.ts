import { must } from '../../core/assert.ts';

/**
 * Prices are kept in pico-USD (1e-12 USD) a token: a price in USD for a million tokens with six decimals is then an integer.
 * Money is kept in nano-USD (1e-9 USD).
 */
const picoPerNano = 1_000;
const decimalsKept = 6;

/**
 * An amount with six decimals as an integer: USD for a million tokens → pico-USD a token; USD for a thousand uses → nano-USD a use.
 * It is read from the shortest decimal text of the number, so 0.15 is exactly 150,000; what is finer is rounded up. Undefined where
 * it is no amount: negative, not finite, or too large for an exact integer.
 */
export function millionthsOf(amount: number): number | undefined {
  const [, whole, fraction = '', exponent = '0'] = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(amount)) ?? [];
  if (whole === undefined) {
    return undefined;
  }
  const digits = BigInt(whole + fraction);
  const shift = decimalsKept + Number(exponent) - fraction.length;
  const scale = 10n ** BigInt(Math.abs(shift));
  const millionths = shift >= 0 ? digits * scale : divideUp(digits, scale);
  return millionths > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(millionths);
}

/** What `tokens` cost at a price in pico-USD a token: nano-USD, rounded up. */
export function chargeOf(tokens: number, picoUsd: number): number {
  must(Number.isSafeInteger(tokens) && tokens >= 0, `tokens are counted in integers of at least 0, not ${String(tokens)}`);
  const picoTotal = tokens * picoUsd;
  return Number.isSafeInteger(picoTotal) ? nanoOf(picoTotal) : saturated(divideUp(BigInt(tokens) * BigInt(picoUsd), BigInt(picoPerNano)));
}

/** Rounded up, exactly: the quotient of doubles may be one too many just below a whole number. */
function nanoOf(picoUsd: number): number {
  const quotient = Math.floor(picoUsd / picoPerNano);
  const rest = picoUsd - quotient * picoPerNano;
  return rest > 0 ? quotient + 1 : quotient;
}

/** What `uses` cost at a price in nano-USD a use. */
export function feeOf(uses: number, nanoUsd: number): number {
  must(Number.isSafeInteger(uses) && uses >= 0, `uses are counted in integers of at least 0, not ${String(uses)}`);
  // What is no exact integer is above the largest one.
  return Math.min(uses * nanoUsd, Number.MAX_SAFE_INTEGER);
}

/** A sum of money. Below the largest exact integer each step is exact, and above it stays there. */
export const sumOf = (amounts: readonly number[]): number =>
  amounts.reduce((total, amount) => Math.min(total + amount, Number.MAX_SAFE_INTEGER), 0);

/** The largest exact integer, 9.0 million USD, stands for everything above it: no limit is as high. */
const saturated = (nanoUsd: bigint): number => Number(nanoUsd > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : nanoUsd);

const divideUp = (dividend: bigint, divisor: bigint): bigint => (dividend + divisor - 1n) / divisor;
