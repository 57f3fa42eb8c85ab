import type { LedgerStatements } from './ledger-statements.ts';

/** Rows that one transaction looks at: other questions wait meanwhile. */
export const forgottenMax = 500;

/** Statements of more than a year are for the operator's own books (EU AI Act and DPDP: half a year and a year). */
const spendingKeptMs = 400 * 86_400_000;

/** Drops a few of the rows that need not be known any more; returns how many holds those were. */
export type Forget = (statements: LedgerStatements, nowMs: number) => number;

/**
 * Counters are gone through by key, from where the last call ended: an index would cost each charge a write. So are holds that are over, by
 * id; those that were made by one clock end in about the order of their ids, so that going on where nothing was found is of no use.
 */
export function openForgetting(): Forget {
  let afterKey = '';
  let afterId = '';
  return (statements, nowMs) => {
    const lastKey = statements.counterAfter.get(afterKey, forgottenMax - 1)?.['key'];
    if (typeof lastKey === 'string') {
      statements.forgetCounters.run(afterKey, lastKey, nowMs);
      afterKey = lastKey;
    } else {
      statements.forgetLastCounters.run(afterKey, nowMs);
      statements.forgetSpending.run(dayOf(nowMs - spendingKeptMs));
      afterKey = '';
    }
    const lastId = statements.endedAfter.get(afterId, forgottenMax - 1)?.['id'];
    const ended =
      typeof lastId === 'string' ? statements.forgetEnded.run(afterId, lastId, nowMs) : statements.forgetLastEnded.run(afterId, nowMs);
    afterId = typeof lastId === 'string' && ended.changes > 0 ? lastId : '';
    return Number(ended.changes) + Number(statements.forgetExpired.run(nowMs, forgottenMax).changes);
  };
}

/** `2026-11-21`, as tenants' calendars name days too. */
const dayOf = (atMs: number): string => new Date(Math.max(0, atMs)).toISOString().slice(0, 10);
