import type { Clock } from '../../core/clock.ts';
import { usage } from '../../core/ledger/ledger.ts';
import type { Counter } from '../../core/limit.ts';
import { StoreError } from '../../ports/key-store.ts';
import type { Spending, Usage } from '../../ports/ledger.ts';
import type { Database } from './database.ts';
import { inLedger, timeOf } from './ledger-commit.ts';
import { lineName } from './ledger-contents.ts';
import type { OpenLedger } from './ledger-file.ts';
import type { LedgerAnswer } from './ledger-protocol.ts';
import { parseSpending } from './ledger-rows.ts';

/** Tables and log as of one moment. Throws `StoreError`. */
function read(database: Database<OpenLedger>, ask: (ledger: OpenLedger) => LedgerAnswer): LedgerAnswer {
  const answer = inLedger(database, 'BEGIN', ask);
  if (answer instanceof StoreError) {
    throw answer;
  }
  return answer;
}

/** All counters as of one moment. Throws `StoreError`. */
export const readUsage = (database: Database<OpenLedger>, clock: Clock, counters: readonly Counter[]): LedgerAnswer =>
  read(database, ({ log }) => ({ kind: 'usage', usage: usage(log.state, counters, timeOf(log, clock)).map(known) }));

function known(standing: Usage | undefined): Usage {
  if (standing === undefined) {
    throw new StoreError('bad_reply', new Error("a budget has no period around the ledger's now: set the machine's clock right"));
  }
  return standing;
}

/** Throws `StoreError`. */
export const readSpending = (database: Database<OpenLedger>, fromDay: string, toDay: string): LedgerAnswer =>
  read(database, ({ statements, log: { contents } }) => {
    const changes = contents.lines.changes();
    const stored = statements.spending.all(fromDay, toDay).map(parseSpending);
    const changed = [...changes.values()].map(({ value }) => value).filter(({ day }) => fromDay <= day && day <= toDay);
    const lines = [...stored.filter((line) => !changes.has(lineName(line))), ...changed];
    return { kind: 'spending', lines: lines.filter(isSomething).toSorted(byDay) };
  });

const isSomething = ({ requests, tokens, nanoUsd }: Spending): boolean => requests > 0 || tokens > 0 || nanoUsd > 0;

const byDay = (left: Spending, right: Spending): number => (left.day < right.day ? -1 : Number(left.day > right.day));

/** Throws `StoreError`. */
export const countOpenHolds = (database: Database<OpenLedger>): LedgerAnswer =>
  read(database, ({ statements, log: { contents } }) => {
    const changes = contents.holds.changes();
    const stored = statements.openHolds.get(JSON.stringify([...changes.keys()]))?.['holds'];
    const changed = [...changes.values()].filter(({ value }) => value.status === 'open').length;
    return { kind: 'count', count: Number(stored) + changed };
  });

/** What the file says of itself. Throws `StoreError`. */
export const readLook = (database: Database<OpenLedger>, clock: Clock): LedgerAnswer =>
  read(database, ({ epoch, statements, log }) => {
    const notes = statements.notes.all().map(({ name, text }): readonly [string, string] => [String(name), String(text)]);
    return { kind: 'look', epoch, latestMs: log.latestMs(), nowMs: timeOf(log, clock), notes };
  });
