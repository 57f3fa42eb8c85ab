import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counterEffect, withEffect } from '../../../../src/adapters/sqlite/ledger-counter-effect.ts';
import type { Kept } from '../../../../src/core/ledger/counters.ts';
import type { Buckets } from '../../../../src/core/ledger/window.ts';

const none = (): undefined => undefined;
const windowOf = (buckets: Buckets, forgetMs = 1): Kept => ({ state: { kind: 'window', buckets }, forgetMs });

/** Sub-buckets of few numbers and amounts, so that two windows have many in common. */
const windows: fc.Arbitrary<Kept> = fc
  .record({ amounts: fc.array(fc.nat(3), { maxLength: 8 }), forgetMs: fc.nat() })
  .map(({ amounts, forgetMs }) =>
    windowOf(
      amounts.flatMap((amount, bucket) => (amount === 0 ? [] : [[bucket, amount] as const])),
      forgetMs,
    ),
  );
const others: fc.Arbitrary<Kept> = fc.oneof(
  fc.record({ state: fc.record({ kind: fc.constant('slots'), inUse: fc.nat() }), forgetMs: fc.nat() }),
  fc.record({ state: fc.record({ kind: fc.constant('budget'), used: fc.nat(), pending: fc.nat() }), forgetMs: fc.nat() }),
);

describe('the effect on a counter', () => {
  it('makes of the counter before the one after, whatever was changed', () => {
    fc.assert(
      fc.property(fc.option(windows, { nil: undefined }), fc.oneof(windows, others), (before, after) => {
        const effect = counterEffect(before, after);
        expect(withEffect(effect, () => before)).toEqual(after);
        expect(withEffect(counterEffect(undefined, after), none)).toEqual(after);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is as harmless twice as once, and does not need what does not count any more', () => {
    fc.assert(
      fc.property(windows, windows, windows, (first, second, third) => {
        const effects = [counterEffect(first, second), counterEffect(second, third)];
        const replay = (from: Kept | undefined): Kept | undefined =>
          effects.reduce<Kept | undefined>((kept, effect) => withEffect(effect, () => kept), from);
        expect(replay(first)).toEqual(third);
        expect(replay(third)).toEqual(third);
      }),
      { numRuns: 2_000 },
    );
  });

  it('names no more than the sub-buckets that are others than before', () => {
    const before = windowOf([
      [1, 5],
      [2, 5],
      [4, 5],
    ]);
    const after = windowOf([
      [2, 5],
      [4, 6],
      [5, 1],
    ]);
    expect(counterEffect(before, after)).toEqual([1, 0, 2, 4, 6, 5, 1]);
  });

  it.each([
    ['of no kind', [1, 9, 0]],
    ['with a number too many', [1, 1, 0, 0]],
    ['with a number too few', [1, 2, 0]],
    ['with half a sub-bucket', [1, 3, 7]],
    ['with sub-buckets out of order', [1, 3, 7, 1, 6, 1]],
    ['without anything', []],
  ])('%s is not readable', (_name, effect) => {
    expect(() => withEffect(effect, none)).toThrow(expect.objectContaining({ name: 'StoreError', code: 'bad_reply' }));
  });

  it('on a window is not readable where there is a counter of another kind', () => {
    expect(() => withEffect([1, 0, 7, 7, 1], () => ({ state: { kind: 'slots', inUse: 1 }, forgetMs: 1 }))).toThrow(
      expect.objectContaining({ name: 'StoreError', code: 'bad_reply' }),
    );
  });
});
