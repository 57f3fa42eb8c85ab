import { StoreError } from '../../ports/key-store.ts';
import type { LedgerContents } from './ledger-contents.ts';
import { replayEffects } from './ledger-effects.ts';
import type { LedgerStatements } from './ledger-statements.ts';
import type { LedgerTables } from './ledger-tables.ts';
import { count } from './ledger-values.ts';

/** How far a connection has read the log. */
export interface Seen {
  /** Of the file, as it was then. */
  readonly version: number;
  /** Of the row that was seen last; 0 before the first. */
  readonly number: number;
  readonly atMs: number;
  /** The row up to which the tables have everything. */
  readonly folded: number;
  /** The time of the latest transaction. */
  readonly latestMs: number;
  /** What later rows changed; a row that changed nothing counts as one. */
  readonly effects: number;
}

export const unseen: Seen = { version: -1, number: 0, atMs: 0, folded: 0, latestMs: 0, effects: 0 };

/** Reads what was written since, and all anew where that is not to be had. Throws `StoreError`: then nothing is known any more. */
export function catchUp(statements: LedgerStatements, contents: LedgerContents, tables: LedgerTables, before: Seen): Seen {
  const version = versionOf(statements);
  if (version === before.version) {
    return before;
  }
  const row = statements.position.get();
  if (row === undefined) {
    throw new StoreError('bad_reply', new Error('the ledger has lost its time: restore the file from its backup'));
  }
  const [folded, foldedMs] = [count(row['folded']), count(row['latest_ms'])];
  let { number, atMs, effects } = before;
  if (before.folded > folded || !isContinued(statements, before)) {
    contents.clear();
    [number, atMs, effects] = [folded, foldedMs, 0];
  }
  const isMoved = before.folded !== folded || before === unseen;
  if (isMoved) {
    tables.moved();
    effects = 0;
  }
  for (const change of statements.changesAfter.iterate(number)) {
    if (change['number'] !== number + 1) {
      throw new StoreError('bad_reply', new Error(`the ledger has lost change ${String(number + 1)}: restore the file from its backup`));
    }
    number += 1;
    atMs = count(change['at_ms']);
    const changed = replayEffects(contents, change['effects'], number, number <= folded);
    effects += number > folded ? Math.max(1, changed) : 0;
  }
  if (isMoved) {
    contents.stored(folded);
  }
  return { version, number, atMs, folded, latestMs: Math.max(foldedMs, atMs), effects };
}

/** Changes whenever another connection committed: https://sqlite.org/pragma.html#pragma_data_version */
function versionOf({ dataVersion }: LedgerStatements): number {
  const version = dataVersion.get()?.['data_version'];
  if (typeof version !== 'number') {
    throw new StoreError('bad_reply', new Error('PRAGMA data_version gave no number'));
  }
  return version;
}

/** False where what is known is not what the file says now, or where the file does not say any more how it went on. */
const isContinued = ({ timeOfChange }: LedgerStatements, { number, atMs }: Seen): boolean =>
  number > 0 && timeOfChange.get(number)?.['at_ms'] === atMs;
