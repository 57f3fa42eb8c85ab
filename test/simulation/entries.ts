import { isDeepStrictEqual } from 'node:util';
import { never } from '../../src/core/assert.ts';
import type { HoldRequest } from '../../src/core/ledger/hold.ts';
import type { Account, Amounts, Counter, Period } from '../../src/core/limit.ts';
import type { GrantedHold } from '../../src/ports/journal.ts';

/** What is known of one hold from the questions and answers alone. */
export interface Entry {
  readonly id: string;
  /** Of admission, by the store's clock. */
  readonly atMs: number;
  readonly counters: readonly Counter[];
  readonly held: Amounts;
  readonly account: Account;
  readonly day: string;
  leaseEndsMs: number;
  /** `lapsed`: its lease ran out, and the store has noticed. `over`: settled or cancelled. */
  state: 'open' | 'lapsed' | 'over';
  /** When it came to this state. */
  sinceMs: number;
  /** What stands for it: what it held, until it is settled or cancelled. */
  charge: Amounts;
  /** How it ended was said when the store did not know of it any more: what it held stays charged. */
  isForgotten: boolean;
}

export function entryOf({ id, counters, amounts, account, days, leaseMs }: HoldRequest, atMs: number): Entry {
  const day = days.find((each) => isIn(atMs, each))?.id ?? '';
  return {
    id,
    atMs,
    counters,
    held: amounts,
    account,
    day,
    leaseEndsMs: atMs + leaseMs,
    state: 'open',
    sinceMs: atMs,
    charge: amounts,
    isForgotten: false,
  };
}

/** Whether a journal says of a hold what the store was told. */
export const isSameHold = (noted: GrantedHold | undefined, entry: Entry | undefined): boolean =>
  isDeepStrictEqual(noted && factsOf(noted, noted.amounts), entry && factsOf(entry, entry.held));

const factsOf = ({ id, atMs, counters, account }: Pick<Entry, 'id' | 'atMs' | 'counters' | 'account'>, held: Amounts): unknown => ({
  id,
  atMs,
  counters,
  account,
  held,
});

export const isIn = (ms: number, { fromMs, toMs }: Period): boolean => fromMs <= ms && ms < toMs;

export const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Sub-windows of a window, of which the oldest counts whole. */
const parts = 60;

/** The least and the most that may be counted in a counter at a moment. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/** What the entries of a counter come to in the window, period or moment that ends with `nowMs`. */
export function countedAt(counter: Counter, entries: readonly Entry[], nowMs: number): Range {
  switch (counter.kind) {
    case 'requests':
    case 'tokens': {
      const { kind, windowMs } = counter;
      const since = (fromMs: number): number => sum(entries.filter(({ atMs }) => atMs > fromMs).map(({ charge }) => charge[kind]));
      return { least: since(nowMs - windowMs), most: since(nowMs - windowMs - windowMs / parts - 1) };
    }
    case 'concurrent': {
      const open = entries.filter(({ state }) => state === 'open');
      return { least: open.filter(({ leaseEndsMs }) => leaseEndsMs > nowMs).length, most: open.length };
    }
    case 'budget': {
      const period = counter.periods.find((each) => isIn(nowMs, each));
      const counted = entries.filter(({ atMs }) => period !== undefined && isIn(atMs, period));
      const used = sum(counted.map(({ charge }) => charge.nanoUsd));
      return { least: used, most: used };
    }
    default:
      return never(counter);
  }
}

/** Of a budget, what open holds have reserved in the period of `nowMs`; 0 for other kinds. */
export function pendingAt(counter: Counter, entries: readonly Entry[], nowMs: number): number {
  const period = counter.kind === 'budget' ? counter.periods.find((each) => isIn(nowMs, each)) : undefined;
  const pending = entries.filter(({ state, atMs }) => state === 'open' && period !== undefined && isIn(atMs, period));
  return sum(pending.map(({ held }) => held.nanoUsd));
}

/** What an exchange of these amounts takes of a counter. */
export function shareOf({ kind }: Counter, { requests, tokens, nanoUsd }: Amounts): number {
  return { requests, tokens, concurrent: 1, budget: nanoUsd }[kind];
}
