import { toldAgain } from '../core/ledger/told-again.ts';
import type { JournalContents } from '../ports/journal.ts';
import type { Report } from '../ports/recovery-notes.ts';

/** A report is read by people, and kept in the store. */
const listedMax = 1_000;

/** What a journal has told a store again. */
export function reportOf(
  { holds, coversFromMs }: JournalContents,
  { name, before, sinceMs, atMs }: Pick<Report, 'name' | 'before' | 'sinceMs' | 'atMs'>,
): Report {
  const counters = toldAgain(holds, sinceMs, atMs)
    .map(({ counter: { kind, key, limit }, fromMs, amount }) => ({ kind, key, limit, fromMs, restored: amount }))
    .toSorted((left, right) => right.restored / Math.max(1, right.limit) - left.restored / Math.max(1, left.limit));
  return {
    name,
    before,
    sinceMs,
    atMs,
    coversFromMs,
    holds: holds.filter((hold) => hold.atMs >= sinceMs && hold.end !== 'cancel').length,
    counters: counters.slice(0, listedMax),
    unlisted: Math.max(0, counters.length - listedMax),
  };
}
