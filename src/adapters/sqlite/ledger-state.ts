import { addAmounts } from '../../core/ledger/add-amounts.ts';
import type { HoldRecord, LedgerState } from '../../core/ledger/hold.ts';
import { bounded } from '../../core/ledger/window.ts';
import { NOTHING } from '../../core/limit.ts';
import { lineName, type LedgerContents } from './ledger-contents.ts';
import type { LedgerTables } from './ledger-tables.ts';

/** What the ledger decides on. Throws `StoreError` where a row is not readable; every method may throw SQLite's errors. */
export const openState = ({ counters, holds, lines }: LedgerContents, tables: LedgerTables): LedgerState => ({
  counter: (key) => counters.get(key)?.state,
  putCounter: (key, state, forgetMs) => {
    counters.put(key, { state, forgetMs: bounded(forgetMs) });
  },
  hold: (id) => holds.get(id),
  putHold: (record) => {
    // A time without end would make the log unreadable, and not only this hold.
    const { leaseEndsMs, forgetMs } = record;
    const isExact = Number.isSafeInteger(leaseEndsMs) && Number.isSafeInteger(forgetMs);
    holds.put(record.id, isExact ? record : { ...record, leaseEndsMs: bounded(leaseEndsMs), forgetMs: bounded(forgetMs) });
  },
  expired: (nowMs, max) => {
    const changes = holds.changes();
    const late: HoldRecord[] = [];
    for (const { value } of changes.values()) {
      if (value.status === 'open' && value.leaseEndsMs <= nowMs) {
        late.push(value);
      }
    }
    // Of the rows, as many may be others by now as were changed.
    late.push(...tables.expired(nowMs, max + changes.size, (id) => changes.has(id)));
    return late.toSorted((left, right) => left.leaseEndsMs - right.leaseEndsMs || (left.id < right.id ? -1 : 1)).slice(0, max);
  },
  addSpending: (day, account, change) => {
    const name = lineName({ day, ...account });
    lines.put(name, { day, ...account, ...addAmounts(lines.get(name) ?? NOTHING, change) });
  },
});
