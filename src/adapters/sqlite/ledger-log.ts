import type { LedgerState } from '../../core/ledger/hold.ts';
import { catchUp, unseen } from './ledger-catch-up.ts';
import { openContents, type LedgerContents } from './ledger-contents.ts';
import { encodeEffects } from './ledger-effects.ts';
import { writeTables } from './ledger-fold.ts';
import { openState } from './ledger-state.ts';
import type { LedgerStatements } from './ledger-statements.ts';
import { openLedgerTables } from './ledger-tables.ts';

/**
 * What one connection knows of the ledger: the tables as of the last fold, and over them what every transaction since has changed, its own
 * and those of other processes. Everything is to be done within a transaction of the file.
 */
export interface LedgerLog {
  /** Brings everything to the file's present state: the first thing in each transaction. Throws `StoreError` where it is not readable. */
  catchUp(): void;
  readonly state: LedgerState;
  readonly contents: LedgerContents;
  /** The time of the latest transaction. */
  latestMs(): number;
  /** Writes what stands as one row: the last thing in a transaction, but for folding. */
  append(nowMs: number): void;
  /** What the log has come to since the last fold: counters, holds and lines, as often as they were changed. */
  effects(): number;
  /** Writes into the tables what the log says, and drops what of the log nobody needs. */
  fold(): void;
  /** To be called when a transaction failed: what was done in it is forgotten, and the file read anew. */
  drop(): void;
}

export function openLedgerLog(statements: LedgerStatements): LedgerLog {
  const tables = openLedgerTables(statements);
  const contents = openContents(tables);
  let seen = unseen;

  return {
    contents,
    state: openState(contents, tables),
    catchUp: () => {
      seen = catchUp(statements, contents, tables, seen);
      contents.begin(seen.number + 1);
    },
    latestMs: () => seen.latestMs,
    append: (nowMs) => {
      const { json, count } = encodeEffects(contents);
      // One that changed nothing says how late it is.
      if (count > 0 || nowMs > seen.latestMs) {
        const number = seen.number + 1;
        statements.append.run(number, nowMs, json);
        seen = { ...seen, number, atMs: nowMs, latestMs: nowMs, effects: seen.effects + Math.max(1, count) };
      }
    },
    effects: () => seen.effects,
    fold: () => {
      writeTables(statements, contents, tables);
      statements.moveFold.run(seen.number, seen.latestMs);
      // One generation stays, for processes that have not seen its end yet.
      statements.dropChanges.run(seen.folded);
      contents.stored(seen.number);
      tables.moved();
      seen = { ...seen, folded: seen.number, effects: 0 };
    },
    drop: () => {
      seen = unseen;
    },
  };
}
