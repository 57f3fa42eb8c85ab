import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openSlots } from '../../../src/core/slots.ts';

it('what is in a slot is there until it is removed, and as few slots are used as there were things at once (property)', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant('add' as const), fc.nat(20)), { maxLength: 200 }), (steps) => {
      const slots = openSlots<{ readonly number: number }>();
      const expected = new Map<number, { readonly number: number }>();
      let most = 0;
      for (const [number, step] of steps.entries()) {
        if (step === 'add') {
          const item = { number };
          const slot = slots.add(item);
          expect(expected.has(slot)).toBe(false);
          expected.set(slot, item);
        } else {
          expect(slots.remove(step)).toBe(expected.get(step));
          expected.delete(step);
        }
        most = Math.max(most, expected.size);
        expect(slots.size()).toBe(expected.size);
        expect(new Set(slots.values())).toEqual(new Set(expected.values()));
        expect(Math.max(-1, ...expected.keys())).toBeLessThan(most);
      }
    }),
  );
});

it('what was never in a slot is not removed from it', () => {
  const slots = openSlots<object>();
  expect([slots.remove(0), slots.remove(-1), slots.size(), slots.values()]).toEqual([undefined, undefined, 0, []]);
});
