import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openRecent } from '../../../src/core/recent.ts';

describe('what was used recently', () => {
  it('is never another value than the last one set, and never more than the limit', () => {
    const operation = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), value: fc.option(fc.nat(), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const recent = openRecent<number>(4);
        const last = new Map<string, number>();
        for (const { key, value } of operations) {
          if (value === undefined) {
            expect([undefined, last.get(key)]).toContain(recent.get(key));
          } else {
            recent.set(key, value);
            last.set(key, value);
            expect(recent.get(key)).toBe(value);
          }
        }
        expect([...last.keys()].filter((key) => recent.get(key) !== undefined).length).toBeLessThanOrEqual(4);
      }),
    );
  });

  it('is gone once it is deleted, however long ago it was used', () => {
    const recent = openRecent<number>(4);
    for (const key of ['old', 'a', 'b', 'young']) {
      recent.set(key, 1);
    }
    for (const key of ['old', 'young', 'none']) {
      recent.delete(key);
      expect(recent.get(key)).toBeUndefined();
    }
    expect(recent.get('a')).toBe(1);
  });

  it('stays while it is used, whatever comes and goes', () => {
    const recent = openRecent<number>(4);
    recent.set('used', 1);
    for (let index = 0; index < 100; index += 1) {
      recent.set(`other-${String(index)}`, index);
      expect(recent.get('used')).toBe(1);
    }
    expect(recent.get('other-0')).toBeUndefined();
  });

  it('is gone once it is cleared', () => {
    const recent = openRecent<number>(4);
    for (const key of ['a', 'b', 'c']) {
      recent.set(key, 1);
    }
    recent.clear();
    expect(['a', 'b', 'c'].map((key) => recent.get(key))).toEqual([undefined, undefined, undefined]);
  });
});
