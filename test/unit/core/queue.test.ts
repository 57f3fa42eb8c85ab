import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openQueue } from '../../../src/core/queue.ts';

it('a queue gives what was put in, in order (property)', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer({ min: 1, max: 1_500 }), fc.integer({ min: -1_500, max: -1 })), { maxLength: 12 }),
      (steps) => {
        const queue = openQueue<number>();
        let expected: number[] = [];
        let next = 0;
        for (const step of steps) {
          for (let number = 0; number < step; number += 1) {
            queue.push(next);
            expected.push(next);
            next += 1;
          }
          for (let number = 0; number > step; number -= 1) {
            queue.drop();
          }
          expected = expected.slice(Math.max(0, -step));
          expect([queue.size(), queue.first(), queue.values()]).toEqual([expected.length, expected[0], expected]);
        }
      },
    ),
    { numRuns: 30 },
  );
});
