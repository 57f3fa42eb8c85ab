import type { Account, Amounts, Counter, Period } from '../limit.ts';

/** A hold as a journal keeps it. */
export interface JournalHold {
  readonly id: string;
  /** Of admission, by the store's clock. */
  readonly atMs: number;
  readonly counters: readonly Counter[];
  readonly amounts: Amounts;
  readonly account: Account;
  readonly day: Period;
}

/** A hold that the store knows the end of. */
export interface EndedHold extends JournalHold {
  /** What it came to. */
  readonly amounts: Amounts;
}
