import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../../../src/core/assert.ts';
import { chargeOf, feeOf, millionthsOf, sumOf } from '../../../../src/policy/prices/units.ts';

describe('an amount in millionths', () => {
  it.each([
    [0, 0],
    [0.15, 150_000],
    [1.1, 1_100_000],
    [600, 600_000_000],
    [0.003625, 3_625],
    [0.000001, 1],
    [1e21, undefined],
    [1e-7, 1],
    [2.5e-7, 1],
    // 0.25 / 3 in the list of one provider: what is finer than a pico-USD a token is rounded up.
    [0.08333333333333334, 83_334],
    [0.18000000000000002, 180_001],
    [-0.01, undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
  ])('of %j is %j', (amount, millionths) => {
    expect(millionthsOf(amount)).toBe(millionths);
  });
});

describe('a charge', () => {
  it.each([
    [0, 2_500_000, 0],
    [1, 1, 1],
    [1_000, 1, 1],
    [1_001, 1, 2],
    [800, 2_500, 2_000],
    // 2^53 is passed by the product and not by the charge.
    [90_071_993, 100_000_001, 9_007_199_390_072],
  ])('of %d tokens at %d pico-USD is %d nano-USD', (tokens, picoUsd, nanoUsd) => {
    expect(chargeOf(tokens, picoUsd)).toBe(nanoUsd);
  });

  it('of more than 9.0 million USD stays there, and so does a sum', () => {
    expect(chargeOf(Number.MAX_SAFE_INTEGER, 1_000_000_000)).toBe(Number.MAX_SAFE_INTEGER);
    expect(feeOf(Number.MAX_SAFE_INTEGER, 2)).toBe(Number.MAX_SAFE_INTEGER);
    expect(sumOf([Number.MAX_SAFE_INTEGER, 1])).toBe(Number.MAX_SAFE_INTEGER);
  });

  it.each([-1, 0.5, 2 ** 53, Number.NaN])('is never of %d', (count) => {
    expect(() => chargeOf(count, 1)).toThrow(InvariantError);
    expect(() => feeOf(count, 1)).toThrow(InvariantError);
  });
});

const large = fc.oneof(
  fc.nat(10_000),
  fc.maxSafeNat(),
  fc
    .tuple(fc.nat(53), fc.integer({ min: -2, max: 2 }))
    .map(([bits, off]) => Math.max(0, Math.min(2 ** bits + off, Number.MAX_SAFE_INTEGER))),
  fc.tuple(fc.nat(9_007_199_254_740), fc.integer({ min: -1, max: 1 })).map(([thousands, off]) => Math.max(0, thousands * 1_000 + off)),
);
const capped = (exact: bigint): number => Number(exact > BigInt(Number.MAX_SAFE_INTEGER) ? BigInt(Number.MAX_SAFE_INTEGER) : exact);

it('figures of any size are exact, or the largest one', () => {
  fc.assert(
    fc.property(large, large, (left, right) => {
      const product = BigInt(left) * BigInt(right);
      expect(chargeOf(left, right)).toBe(capped((product + 999n) / 1_000n));
      expect(chargeOf(left, 1)).toBe(capped((BigInt(left) + 999n) / 1_000n));
      expect(feeOf(left, right)).toBe(capped(product));
      expect(sumOf([left, right, 1])).toBe(capped(BigInt(left) + BigInt(right) + 1n));
    }),
    { numRuns: 2_000 },
  );
});
