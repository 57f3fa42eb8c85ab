import type { RestoredHold } from '../core/ledger/restore.ts';

/** Which store it is. */
export interface StoreIdentity {
  /** The name of its memory; undefined where it has none. */
  readonly epoch: string | undefined;
  /** Of the server process; empty where the store is a file. */
  readonly runId: string;
}

/**
 * The store is not what it was. `memory`: its epoch is gone or another one, so everything before is lost. `server`: the same memory on
 * another server or after a restart; the last writes before it may be lost.
 */
export interface StoreChange {
  readonly kind: 'memory' | 'server';
  readonly before: StoreIdentity;
  readonly now: StoreIdentity;
}

/** What a store that has changed says of itself, whatever it is. */
export interface StoreLook {
  readonly now: StoreIdentity;
  /** The latest time of which the store has everything, by its own clock; 0 where it has nothing. */
  readonly latestMs: number;
  /** By the store's clock. */
  readonly nowMs: number;
  /** Notes that processes and operators have left in the store, by name. */
  readonly notes: ReadonlyMap<string, string>;
}

/** What is done with a store that has lost its memory. Every method throws `StoreError`. */
export interface LedgerRecovery {
  /** What this process counts on. */
  known(): StoreIdentity;
  /** Undefined while the store is the one that is known; otherwise nothing is admitted. */
  change(): StoreChange | undefined;
  look(): Promise<StoreLook>;
  /** Tells the store again what it has lost. Harmless when repeated; refused where the store is not the one that was looked at. */
  restore(holds: readonly RestoredHold[], sinceMs: number, seen: StoreIdentity): Promise<void>;
  /** Leaves a note in the store as it is now. */
  note(name: string, text: string): Promise<void>;
  /** The operator's word: from now on this is the memory that counts. Answers what it is called now; refused where the store has changed again. */
  begin(seen: StoreIdentity): Promise<StoreIdentity>;
  /** From now on this process counts on the store as it is. Refused where it has changed again. */
  adopt(now: StoreIdentity): Promise<void>;
}

export const isSameStore = (left: StoreIdentity, right: StoreIdentity): boolean => left.epoch === right.epoch && left.runId === right.runId;
