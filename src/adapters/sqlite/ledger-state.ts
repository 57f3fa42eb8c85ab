import type { CounterState, HoldRecord, LedgerState } from '../../core/ledger/hold.ts';
import type { Account, Amounts } from '../../core/limit.ts';
import type { LedgerCache, LedgerRows } from './ledger-cache.ts';
import { accountNames, encodeCounter, encodeHold, parseHold } from './ledger-rows.ts';
import type { LedgerStatements } from './ledger-statements.ts';
import { openOverlay } from './overlay.ts';

/** The ledger's state within one transaction: each row is read at most once and written at most once, at the end. */
export interface StoredState extends LedgerState {
  /** What was changed since the last call stands. */
  accept(): void;
  /** What was changed since the last call of `accept` did not happen. */
  discard(): void;
  /** Writes what stands. */
  write(): void;
  /** To be called when that is committed. */
  keep(cache: LedgerCache): void;
}

interface Kept {
  readonly state: CounterState;
  readonly forgetMs: number;
}

interface Line {
  readonly day: string;
  readonly account: Account;
  readonly change: Amounts;
}

/** Throws `StoreError` where a row is not readable; every method may throw SQLite's errors. */
export function openStoredState(statements: LedgerStatements, rows: LedgerRows): StoredState {
  const counters = openOverlay<Kept>((key) => {
    const state = rows.counter(key);
    return state && { state, forgetMs: 0 };
  });
  const holds = openOverlay<HoldRecord>((id) => rows.hold(id));
  const lines = openOverlay<Line>(() => undefined);
  const all = [counters, holds, lines];

  return {
    counter: (key) => counters.get(key)?.state,
    putCounter: (key, state, forgetMs) => {
      counters.set(key, { state, forgetMs });
    },
    hold: (id) => holds.get(id),
    putHold: (record) => {
      holds.set(record.id, record);
    },
    expired: (nowMs, max) => {
      const changed = holds.changes();
      // Of the rows, as many may have ended in this transaction as were changed in it.
      const stored = statements.expired.all(nowMs, max + changed.size).map(parseHold);
      return [...stored.filter(({ id }) => !changed.has(id)), ...changed.values()]
        .filter(({ status, leaseEndsMs }) => status === 'open' && leaseEndsMs <= nowMs)
        .toSorted((left, right) => left.leaseEndsMs - right.leaseEndsMs || (left.id < right.id ? -1 : 1))
        .slice(0, max);
    },
    addSpending: (day, account, change) => {
      const name = JSON.stringify([day, ...accountNames(account)]);
      const before = lines.get(name);
      lines.set(name, { day, account, change: before === undefined ? change : sum(before.change, change) });
    },
    accept: () => {
      for (const overlay of all) {
        overlay.accept();
      }
    },
    discard: () => {
      for (const overlay of all) {
        overlay.discard();
      }
    },
    write: () => {
      for (const [key, { state, forgetMs }] of counters.changes()) {
        statements.putCounter.run(key, encodeCounter(state), forgetMs);
      }
      for (const record of holds.changes().values()) {
        statements.putHold.run(...encodeHold(record));
      }
      for (const line of lines.changes().values()) {
        writeLine(statements, line);
      }
    },
    keep: (cache) => {
      cache.keep(counters.changes(), holds.changes());
    },
  };
}

const sum = (left: Amounts, right: Amounts): Amounts => ({
  requests: left.requests + right.requests,
  tokens: left.tokens + right.tokens,
  nanoUsd: left.nanoUsd + right.nanoUsd,
});

function writeLine({ addSpending, beginSpending }: LedgerStatements, { day, account, change }: Line): void {
  const columns = [change.requests, change.tokens, change.nanoUsd, day, ...accountNames(account)];
  if (addSpending.run(...columns).changes === 0) {
    beginSpending.run(...columns);
  }
}
