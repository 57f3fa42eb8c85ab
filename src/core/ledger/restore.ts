import type { Amounts, Counter } from '../limit.ts';
import { mustBeAmounts, mustBeHold } from './check.ts';
import type { HoldRequest, LedgerState } from './hold.ts';
import { cancel, reserve, settle } from './ledger.ts';

/** How a hold ended: with these true figures, or as if it had never been. */
export type HoldEnd = Amounts | 'cancel';

/** A hold that a journal knows, to be told again to a store that has lost it. */
export interface RestoredHold extends HoldRequest {
  /** Of admission, by the clock of the store that granted it: sub-bucket, period and day are those of then. */
  readonly atMs: number;
  /** Undefined while it is open, or where its end is not known: its lease then decides. */
  readonly end: HoldEnd | undefined;
}

/** A limit was kept when the hold was admitted; it is not asked about again. */
const unlimited = (counter: Counter): Counter => ({ ...counter, limit: Number.MAX_SAFE_INTEGER });

/** The hold as it is asked for at the time of its admission, with a lease that ends `leaseMs` after `nowMs`. */
export const askedAgain = ({ id, counters, amounts, account, days, leaseMs, atMs }: RestoredHold, nowMs: number): HoldRequest => ({
  id,
  counters: counters.map(unlimited),
  amounts,
  account,
  days,
  leaseMs: Math.max(0, nowMs - atMs) + leaseMs,
});

/** Throws `InvariantError`. */
export function mustBeRestorable(hold: RestoredHold): void {
  mustBeHold(hold);
  if (hold.end !== undefined && hold.end !== 'cancel') {
    mustBeAmounts(hold.end);
  }
}

/**
 * Charges what the store does not know (any more) of a hold, at its original time; what it knows is never lowered but to the true figure.
 * Harmless when repeated. Until `sinceMs` the store has everything: an id from before that is not known was resolved and forgotten.
 */
export function restore(state: LedgerState, hold: RestoredHold, sinceMs: number, nowMs: number): void {
  mustBeRestorable(hold);
  if (hold.end === 'cancel') {
    cancel(state, hold.id, nowMs);
    return;
  }
  if (hold.atMs >= sinceMs) {
    reserve(state, askedAgain(hold, nowMs), hold.atMs);
  }
  if (hold.end !== undefined) {
    settle(state, hold.id, hold.end, nowMs);
  }
}
