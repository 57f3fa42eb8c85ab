import type { HoldEnd, RestoredHold } from '../core/ledger/restore.ts';
import type { HoldRequest } from '../core/ledger/hold.ts';
import type { StoreIdentity } from './recovery.ts';

/** A hold that was granted at `atMs`, by the store's clock. */
export interface GrantedHold extends Omit<HoldRequest, 'leaseMs'> {
  readonly atMs: number;
}

/** What a journal can give back to a store. */
export interface JournalContents {
  readonly holds: readonly RestoredHold[];
  /** Everything since then is in `holds`, by the store's clock. */
  readonly coversFromMs: number;
}

/**
 * What this process has told the ledger, kept on its own disk: what survives the process, and what a store is told again that has lost its
 * memory.
 */
export interface Journal {
  /** Random, made with the journal. */
  readonly id: string;
  /** Resolves when it is written: before that its request must not be released. Throws `JournalError` where it cannot be. */
  held(hold: GrantedHold): Promise<void>;
  /** Never throws: what is not written leaves its hold charged in full. */
  ended(id: string, end: HoldEnd): void;
  /** The store knows the end. Never throws. */
  acknowledged(id: string): void;
  /** Ends that a process before this one decided, and the store has not acknowledged. */
  unacknowledged(): ReadonlyMap<string, HoldEnd>;
  /** The store that this process, or the one before it, counted on. */
  known(): StoreIdentity | undefined;
  know(store: StoreIdentity): void;
  /** `all`: for a store without memory; `recent`: for one that lacks the last minute at most. */
  contents(which: 'all' | 'recent'): JournalContents;
  /** False after a write that failed, until one succeeds. */
  healthy(): boolean;
  close(): void;
}

/** The journal cannot be written: without it nothing strict is admitted. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
}
