import type { LedgerStatements } from './ledger-statements.ts';

/** Rows that one transaction looks at: other questions wait meanwhile. */
export const forgottenMax = 500;

/** Statements of more than a year are for the operator's own books (EU AI Act and DPDP: half a year and a year). */
const spendingKeptMs = 400 * 86_400_000;

/** Drops a few of the rows that need not be known any more; returns how many holds those were. */
export type Forget = (statements: LedgerStatements, nowMs: number) => number;

/** Holds are found by their time. Counters are gone through by key, from where the last call ended: an index would cost each charge a write. */
export function openForgetting(): Forget {
  let after = '';
  return (statements, nowMs) => {
    const last = statements.counterAfter.get(after, forgottenMax - 1)?.['key'];
    if (typeof last === 'string') {
      statements.forgetCounters.run(after, last, nowMs);
      after = last;
    } else {
      statements.forgetLastCounters.run(after, nowMs);
      statements.forgetSpending.run(dayOf(nowMs - spendingKeptMs));
      after = '';
    }
    return Number(statements.forgetHolds.run(nowMs, forgottenMax).changes);
  };
}

/** `2026-11-21`, as tenants' calendars name days too. */
const dayOf = (atMs: number): string => new Date(Math.max(0, atMs)).toISOString().slice(0, 10);
