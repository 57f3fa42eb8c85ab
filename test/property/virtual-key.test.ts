import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeVirtualKey, parseVirtualKey } from '../../src/policy/virtual-key.ts';

const environment = fc.stringMatching(/^[a-z0-9]{1,12}$/);
const bytes = (seed: Uint8Array): ((count: number) => Uint8Array) => {
  let used = 0;
  return (count) => {
    used += count;
    return used <= seed.length ? seed.subarray(used - count, used) : randomBytes(count);
  };
};

describe('virtual keys', () => {
  it('parse back to what they were composed of', () => {
    fc.assert(
      fc.property(environment, fc.uint8Array({ minLength: 0, maxLength: 128 }), (name, seed) => {
        const composed = composeVirtualKey(name, bytes(seed));
        expect(composed.key).toMatch(/^vk_[a-z0-9]{1,12}_[0-9A-Za-z]{48}$/);
        expect(parseVirtualKey(composed.key)).toEqual({ environment: composed.environment, id: composed.id });
      }),
    );
  });

  it('do not parse with one character changed', () => {
    fc.assert(
      fc.property(environment, fc.nat(), fc.stringMatching(/^[ -~]$/), (name, place, character) => {
        const { key } = composeVirtualKey(name, randomBytes);
        const at = place % key.length;
        fc.pre(key.charAt(at) !== character);
        expect(parseVirtualKey(key.slice(0, at) + character + key.slice(at + 1))).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  it('are never found in other text, and no text makes the parser throw', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string().map((text) => `vk_live_${text}`),
        ),
        (text) => {
          expect(parseVirtualKey(text)).toBeUndefined();
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
