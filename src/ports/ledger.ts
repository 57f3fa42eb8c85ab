import type { HoldRequest, ReserveAnswer, SettleAnswer } from '../core/ledger/hold.ts';
import type { Account, Amounts, Counter } from '../core/limit.ts';

/** One line of the statement. */
export interface Spending extends Account, Amounts {
  /** `2026-11-21` of the tenant's calendar, the day of admission. */
  readonly day: string;
}

/** A counter as it stands. */
export interface Usage {
  readonly used: number;
  /** Of `used`, what open holds have reserved of a budget; 0 for other kinds. */
  readonly pending: number;
}

/**
 * Counters that several processes share. Time is the store's own, in milliseconds since the epoch. Every method throws `StoreError`; after
 * a timeout it is not known whether the change was made, and the same question may be asked again. A hold with a figure that is no integer
 * of at least 0, or with a counter twice, throws `InvariantError`.
 *
 * A store that has lost its memory (another epoch than the one it last told) changes nothing and throws `StoreError` until `epoch` is asked:
 * nothing is admitted before whoever asks has seen that counters begin anew.
 */
export interface Ledger {
  /** All counters or none. An id that is held already gives the same answer as the first time, and one that was resolved `ended`. */
  reserve(request: HoldRequest): Promise<ReserveAnswer>;
  /** Gives holds a new lease; returns the ids that are not open (any more). */
  extend(ids: readonly string[], leaseMs: number): Promise<readonly string[]>;
  /** Puts the true figures in the place of those held; more than was held is charged too. Also corrects a hold that has expired. */
  settle(id: string, amounts: Amounts): Promise<SettleAnswer>;
  /** Takes back what a hold took, the request included; a reserve of this id that comes later is refused. */
  cancel(id: string): Promise<SettleAnswer>;
  /** Ends holds whose lease has run out, at most 1,000: what they hold stays charged. Returns how many there were. Forgets what may be forgotten. */
  reap(): Promise<number>;
  openHolds(): Promise<number>;
  /** Throws for a budget that has no period around the store's now. */
  usage(counters: readonly Counter[]): Promise<readonly Usage[]>;
  /** Lines of the statement from one day to another, both included; by day, without lines of nothing. */
  spending(fromDay: string, toDay: string): Promise<readonly Spending[]>;
  /** A random name of the store's memory, made with it: another one means that everything before is lost. Undefined where it has none now. */
  epoch(): Promise<string | undefined>;
}
