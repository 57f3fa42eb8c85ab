import type { Kept } from '../../core/ledger/counters.ts';
import type { HoldRecord } from '../../core/ledger/hold.ts';
import type { Spending } from '../../ports/ledger.ts';
import { openChanging, type Changing } from './changing.ts';
import { accountNames, isEnded } from './ledger-rows.ts';
import type { LedgerTables } from './ledger-tables.ts';

/** The ledger as its latest transaction left it. */
export interface LedgerContents {
  readonly counters: Changing<Kept>;
  /** Of those that are over no more than that. */
  readonly holds: Changing<HoldRecord>;
  /** By `lineName`. */
  readonly lines: Changing<Spending>;
  /** As in `Changing`, of all three. */
  begin(number: number): void;
  accept(): void;
  discard(): void;
  stored(number: number): void;
  clear(): void;
  /** True where the tables are behind. */
  isAhead(): boolean;
}

export function openContents(tables: LedgerTables): LedgerContents {
  const counters = openChanging<Kept>({ read: (key) => tables.counter(key), isKept: () => true });
  const holds = openChanging<HoldRecord>({ read: (id) => tables.hold(id), isKept: isAskedAgain });
  const lines = openChanging<Spending>({ read: (name) => tables.line(name), isKept: () => true });
  const all = [counters, holds, lines];
  const each = (change: (one: (typeof all)[number]) => void): void => {
    all.forEach(change);
  };
  return {
    counters,
    holds,
    lines,
    begin: (number) => {
      each((one) => {
        one.begin(number);
      });
    },
    accept: () => {
      each((one) => {
        one.accept();
      });
    },
    discard: () => {
      each((one) => {
        one.discard();
      });
    },
    stored: (number) => {
      each((one) => {
        one.stored(number);
      });
    },
    clear: () => {
      each((one) => {
        one.clear();
      });
    },
    isAhead: () => all.some((one) => one.changes().size > 0),
  };
}

/** Ids nobody asked about before, and those that are over, hardly ever are. */
const isAskedAgain = (hold: HoldRecord | undefined): boolean => hold !== undefined && !isEnded(hold);

/** Whatever is in the names. */
export const lineName = (line: Pick<Spending, 'day' | 'team' | 'client' | 'key' | 'user' | 'model'>): string =>
  JSON.stringify([line.day, ...accountNames(line)]);
