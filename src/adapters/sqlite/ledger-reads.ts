import type { Clock } from '../../core/clock.ts';
import { usage } from '../../core/ledger/ledger.ts';
import type { Counter } from '../../core/limit.ts';
import { StoreError } from '../../ports/key-store.ts';
import type { Usage } from '../../ports/ledger.ts';
import { inTransaction } from './commit.ts';
import type { Database } from './database.ts';
import { timeOf } from './ledger-commit.ts';
import { storedRows } from './ledger-cache.ts';
import type { OpenLedger } from './ledger-file.ts';
import type { LedgerAnswer } from './ledger-protocol.ts';
import { parseSpending } from './ledger-rows.ts';
import type { LedgerStatements } from './ledger-statements.ts';

/** All counters as of one moment. Throws `StoreError`. */
export function readUsage(database: Database<OpenLedger>, clock: Clock, counters: readonly Counter[]): LedgerAnswer {
  const read = inTransaction(
    database,
    ({ statements: { statements } }) => usage(storedRows(statements), counters, timeOf(statements, clock)).map(known),
    'BEGIN',
  );
  if (read instanceof StoreError) {
    throw read;
  }
  return { kind: 'usage', usage: read };
}

function known(standing: Usage | undefined): Usage {
  if (standing === undefined) {
    throw new StoreError('bad_reply', new Error("a budget has no period around the ledger's now: set the machine's clock right"));
  }
  return standing;
}

/** Throws `StoreError`. */
export const readSpending = ({ spending }: LedgerStatements, fromDay: string, toDay: string): LedgerAnswer => ({
  kind: 'spending',
  lines: spending.all(fromDay, toDay).map(parseSpending),
});

export function countOpenHolds({ openHolds }: LedgerStatements): LedgerAnswer {
  const count = openHolds.get()?.['holds'];
  return { kind: 'count', count: typeof count === 'number' ? count : 0 };
}

/** What the file says of itself. Throws `StoreError`. */
export function readLook({ epoch, statements }: OpenLedger, clock: Clock): LedgerAnswer {
  const notes = statements.notes.all().map(({ name, text }): readonly [string, string] => [String(name), String(text)]);
  const latestMs = Number(statements.latest.get()?.['latest_ms']);
  return { kind: 'look', epoch, latestMs, nowMs: timeOf(statements, clock), notes };
}
