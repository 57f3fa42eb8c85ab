import type { CounterState, HoldRecord } from '../../core/ledger/hold.ts';
import { openRecent } from '../../core/recent.ts';
import { StoreError } from '../../ports/key-store.ts';
import { parseCounter, parseHold } from './ledger-rows.ts';
import type { LedgerStatements } from './ledger-statements.ts';

/** Some megabytes where every counter is a full window. */
const countersMax = 10_000;
const holdsMax = 10_000;

/** Rows as they are stored. */
export interface LedgerRows {
  counter(key: string): CounterState | undefined;
  hold(id: string): HoldRecord | undefined;
}

/** Rows that one connection has read or written lately, for as long as nobody else commits. */
export interface LedgerCache extends LedgerRows {
  /** To be called in each transaction that writes, before anything is read. */
  begin(): void;
  /** What a transaction has committed. */
  keep(counters: ReadonlyMap<string, { readonly state: CounterState }>, holds: ReadonlyMap<string, HoldRecord>): void;
}

/** Every method throws `StoreError` where a row is not readable, and SQLite's own errors. */
export function storedRows(statements: LedgerStatements): LedgerRows {
  return {
    counter: (key) => {
      const row = statements.counter.get(key);
      return row && parseCounter(row['state']);
    },
    hold: (id) => {
      const row = statements.hold.get(id);
      return row && parseHold(row);
    },
  };
}

export function openLedgerCache(statements: LedgerStatements): LedgerCache {
  const stored = storedRows(statements);
  const counters = openRecent<CounterState>(countersMax);
  const holds = openRecent<HoldRecord>(holdsMax);
  let version = -1;

  return {
    begin: () => {
      // Changes whenever another connection committed: https://sqlite.org/pragma.html#pragma_data_version
      const present = statements.dataVersion.get()?.['data_version'];
      if (typeof present !== 'number') {
        throw new StoreError('bad_reply', new Error('PRAGMA data_version gave no number'));
      }
      if (present !== version) {
        counters.clear();
        holds.clear();
        version = present;
      }
    },
    counter: (key) => {
      const known = counters.get(key) ?? stored.counter(key);
      if (known !== undefined) {
        counters.set(key, known);
      }
      return known;
    },
    // Most holds are read once, to be settled: those that this process made itself are there.
    hold: (id) => holds.get(id) ?? stored.hold(id),
    keep: (changedCounters, changedHolds) => {
      for (const [key, { state }] of changedCounters) {
        counters.set(key, state);
      }
      for (const [id, record] of changedHolds) {
        holds.set(id, record);
      }
    },
  };
}
