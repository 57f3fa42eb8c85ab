import fc from 'fast-check';
import { expect, it } from 'vitest';
import { entropyOf } from '../../../../src/policy/secrets/entropy.ts';

/** By the definition. */
function shannon(text: string): number {
  const counts = Map.groupBy(text, (character) => character);
  return [...counts.values()].reduce((sum, { length }) => sum - (length / text.length) * Math.log2(length / text.length), 0);
}

it("is Shannon's, whatever was counted before (property)", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[ -~]{1,200}$/), (text) => {
      expect(entropyOf(text)).toBeCloseTo(shannon(text), 9);
      expect(entropyOf(`x${text}x`, 1, text.length + 1)).toBeCloseTo(shannon(text), 9);
    }),
  );
});

it('counts from nothing again and again', () => {
  const values = ['aab', 'abcd', 'aaaa'].map((text) => ({ text, bits: shannon(text) }));
  const wrong = Array.from({ length: 40_000 }, (_, round) => values[round % values.length]).filter(
    (value) => value === undefined || Math.abs(entropyOf(value.text) - value.bits) > 1e-9,
  );
  expect(wrong).toEqual([]);
});
