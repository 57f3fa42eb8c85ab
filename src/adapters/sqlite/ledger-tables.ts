import type { Kept } from '../../core/ledger/counters.ts';
import type { HoldRecord } from '../../core/ledger/hold.ts';
import type { Spending } from '../../ports/ledger.ts';
import { endedHold, parseCounter, parseHold, parseSpending } from './ledger-rows.ts';
import type { LedgerStatements } from './ledger-statements.ts';
import { count, listOf, text } from './ledger-values.ts';

/** The ledger as it was at the last fold. Every method throws `StoreError` where a row is not readable, and SQLite's own errors. */
export interface LedgerTables {
  counter(key: string): Kept | undefined;
  hold(id: string): HoldRecord | undefined;
  line(name: string): Spending | undefined;
  /** Open holds whose lease ended at `nowMs` or before, at most `max`, the earliest first; without those that `isElsewhere` names. */
  expired(nowMs: number, max: number, isElsewhere: (id: string) => boolean): readonly HoldRecord[];
  /** True where a hold of this id can be among those that are open or expired. */
  canHold(id: string): boolean;
  /** To be called when the tables are others than before. */
  moved(): void;
}

/** What is asked again and again between two folds. */
interface Bounds {
  /** No id in the tables is greater; undefined where there is none. Ids that were just made are, so most of them are not looked for. */
  readonly held: Buffer | undefined;
  readonly ended: Buffer | undefined;
  /** When the first lease ends. */
  readonly leaseEndsMs: number;
}

export function openLedgerTables(statements: LedgerStatements): LedgerTables {
  let known: Bounds | undefined;
  const bounds = (): Bounds => {
    known ??= readBounds(statements);
    return known;
  };
  const canHold = (id: string): boolean => isAtMost(id, bounds().held);

  return {
    counter: (key) => {
      const row = statements.counter.get(key);
      // When it may be forgotten is told anew with each change.
      return row && { state: parseCounter(row['state']), forgetMs: 0 };
    },
    hold: (id) => {
      const row = canHold(id) ? statements.held.get(id) : undefined;
      if (row !== undefined) {
        return parseHold(row);
      }
      const ended = isAtMost(id, bounds().ended) ? statements.ended.get(id) : undefined;
      return ended && endedHold(id, count(ended['forget_ms']));
    },
    line: (name) => {
      const row = statements.line.get(...listOf(name).map(text));
      return row && parseSpending(row);
    },
    expired: (nowMs, max, isElsewhere) =>
      bounds().leaseEndsMs > nowMs
        ? []
        : statements.expired
            .all(nowMs, max)
            .filter((row) => !isElsewhere(text(row['id'])))
            .map(parseHold),
    canHold,
    moved: () => {
      known = undefined;
    },
  };
}

/** As SQLite compares. */
const isAtMost = (id: string, most: Buffer | undefined): boolean => most !== undefined && Buffer.from(id).compare(most) <= 0;

function readBounds({ lastHeld, lastEnded, firstLease }: LedgerStatements): Bounds {
  const [held, ended, lease] = [lastHeld.get(), lastEnded.get(), firstLease.get()];
  return {
    held: held && Buffer.from(text(held['id'])),
    ended: ended && Buffer.from(text(ended['id'])),
    leaseEndsMs: lease === undefined ? Infinity : count(lease['lease_ends_ms']),
  };
}
