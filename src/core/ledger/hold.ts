import type { Account, Amounts, Counter, Period } from '../limit.ts';
import type { Buckets } from './window.ts';

/** What is asked for before a request is released: its worst case, of all counters at once. */
export interface HoldRequest {
  /** Made by the sidecar, never by a client or Envoy: it is what makes repeating a question harmless. */
  readonly id: string;
  readonly counters: readonly Counter[];
  readonly amounts: Amounts;
  readonly leaseMs: number;
  readonly account: Account;
  /** Days of the tenant's calendar around now: the statement's line is kept by day. */
  readonly days: readonly Period[];
}

/** Why a hold was refused: the counter of the request that stays full the longest. */
export interface Shortage {
  /** Its place in `counters`. */
  readonly index: number;
  /** Milliseconds until there is room; undefined where there never is, because the request is larger than the limit. */
  readonly retryAfterMs: number | undefined;
}

export type ReserveAnswer =
  | { readonly kind: 'granted'; readonly atMs: number }
  /** Nothing was taken anywhere. */
  | { readonly kind: 'refused'; readonly shortage: Shortage; readonly atMs: number }
  /** Nothing was taken now: the same id was settled or cancelled before, or its lease ran out, so that its place may be another's. */
  | { readonly kind: 'ended' }
  /** Nothing was taken: a budget has no period around the store's now, so the clocks of store and sidecar disagree by more than a period. */
  | { readonly kind: 'clock'; readonly atMs: number };

/** `ended` = it had been settled or cancelled before, and stays as it was; `unknown` = the store knows no such hold (any more). */
export type SettleAnswer = 'settled' | 'ended' | 'unknown';

/** Where a hold was charged: the sub-bucket and the period of its admission, for good. */
export type Place =
  | { readonly kind: 'requests' | 'tokens'; readonly key: string; readonly windowMs: number; readonly bucket: number }
  | { readonly kind: 'concurrent'; readonly key: string }
  /** `key` names the period too. */
  | { readonly kind: 'budget'; readonly key: string; readonly toMs: number };

/** `expired`: its lease ran out, what it held was charged; a settlement that comes after all still corrects it. */
export type HoldStatus = 'open' | 'expired' | 'settled' | 'cancelled';

export interface HoldRecord {
  readonly id: string;
  readonly status: HoldStatus;
  /** Of admission, by the store's clock. */
  readonly atMs: number;
  readonly leaseEndsMs: number;
  /** From then on it need not be known any more, unless it is open: that one is known until it is resolved. */
  readonly forgetMs: number;
  /** What stands in the counters for it. */
  readonly amounts: Amounts;
  /** Empty once it was settled or cancelled. */
  readonly places: readonly Place[];
  readonly account: Account;
  readonly day: string;
}

/** What a store keeps of one counter. */
export type CounterState =
  | { readonly kind: 'window'; readonly buckets: Buckets }
  | { readonly kind: 'slots'; readonly inUse: number }
  /** Nano-USD. `pending` is what open holds have reserved; it counts as much as `used`. */
  | { readonly kind: 'budget'; readonly used: number; readonly pending: number };

/** What a store gives to the ledger within one transaction. */
export interface LedgerState {
  counter(key: string): CounterState | undefined;
  /** From `forgetMs` on the counter need not be known any more. */
  putCounter(key: string, state: CounterState, forgetMs: number): void;
  hold(id: string): HoldRecord | undefined;
  putHold(record: HoldRecord): void;
  /** Open holds whose lease ended at `nowMs` or before, at most `max`, the earliest first, and of the same moment by id. */
  expired(nowMs: number, max: number): readonly HoldRecord[];
  /** Adds to (or, below 0, takes from) a line of the statement. */
  addSpending(day: string, account: Account, change: Amounts): void;
}
