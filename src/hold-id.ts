import { randomUUID } from 'node:crypto';
import type { Clock } from './core/clock.ts';

const timeDigits = 12;

/**
 * 48 bits of milliseconds and 80 bits of chance, in hexadecimal: nobody can guess one, and a store that keeps holds by id writes those of
 * the same time side by side. Nothing is read from it.
 */
export function newHoldId(clock: Clock): string {
  // Of a random UUID all but the third and fourth group is chance.
  const uuid = randomUUID();
  return clock().toString(16).padStart(timeDigits, '0') + uuid.slice(0, 8) + uuid.slice(24);
}
