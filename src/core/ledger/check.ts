import { must } from '../assert.ts';
import type { Amounts, Counter, Period } from '../limit.ts';
import type { HoldRequest } from './hold.ts';

/** Levels times kinds, and some more for models. */
const countersMax = 100;

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/**
 * What would make a comparison with a limit lie, NaN above all, is a programming error: throws `InvariantError` before anything is counted.
 * A store asks this before it shares a transaction with other requests.
 */
export function mustBeHold({ id, counters, amounts, leaseMs, days }: HoldRequest): void {
  must(id !== '', 'a hold has an id');
  must(counters.length <= countersMax, `a hold has at most ${String(countersMax)} counters`);
  must(counters.every(isCounter), 'limits and periods are integers of at least 0, and windows of at least 1 ms');
  // Each is compared by itself before all are charged: the same one twice would go over its limit.
  must(new Set(counters.map(({ key }) => key)).size === counters.length, 'a hold names each counter once');
  must(days.every(isPeriod), 'days begin and end at integers of at least 0');
  mustBeAmounts(amounts);
  mustBeLease(leaseMs);
}

/** Throws `InvariantError`. */
export function mustBeAmounts({ requests, tokens, nanoUsd }: Amounts): void {
  must(isCount(requests) && isCount(tokens) && isCount(nanoUsd), 'amounts are integers of at least 0');
}

/** Throws `InvariantError`. */
export function mustBeLease(leaseMs: number): void {
  must(isCount(leaseMs) && leaseMs > 0, 'a lease is an integer of at least 1 ms');
}

const isCounter = (counter: Counter): boolean =>
  isCount(counter.limit) &&
  (!('windowMs' in counter) || (isCount(counter.windowMs) && counter.windowMs > 0)) &&
  (!('periods' in counter) || counter.periods.every(isPeriod));

const isPeriod = ({ fromMs, toMs }: Period): boolean => isCount(fromMs) && isCount(toMs);
