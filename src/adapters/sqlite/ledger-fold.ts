import type { LedgerContents } from './ledger-contents.ts';
import { accountNames, encodeCounter, encodeHold, isEnded } from './ledger-rows.ts';
import type { LedgerStatements } from './ledger-statements.ts';
import type { LedgerTables } from './ledger-tables.ts';

/** Everything that has changed since the last time, each row once. */
export function writeTables(statements: LedgerStatements, { counters, holds, lines }: LedgerContents, tables: LedgerTables): void {
  for (const [key, { value }] of counters.changes()) {
    statements.putCounter.run(key, encodeCounter(value.state), value.forgetMs);
  }
  for (const [id, { value }] of holds.changes()) {
    if (!isEnded(value)) {
      statements.putHeld.run(...encodeHold(value));
    } else {
      statements.putEnded.run(id, value.forgetMs);
      if (tables.canHold(id)) {
        statements.endHeld.run(id);
      }
    }
  }
  for (const { value } of lines.changes().values()) {
    statements.putLine.run(value.day, ...accountNames(value), value.requests, value.tokens, value.nanoUsd);
  }
}
