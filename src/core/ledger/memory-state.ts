import { NOTHING, type Account, type Amounts } from '../limit.ts';
import { addAmounts } from './add-amounts.ts';
import type { CounterState, HoldRecord, LedgerState } from './hold.ts';

/** A line of the statement: a day, an account and what it came to. */
export interface Line extends Account, Amounts {
  readonly day: string;
}

/** The reference: what every store must come to. It lasts as long as the process. */
export interface MemoryState extends LedgerState {
  openHolds(): number;
  /** By day, without lines of nothing. */
  spending(fromDay: string, toDay: string): readonly Line[];
  /** Drops what may be forgotten; returns how many counters and holds that were. */
  forget(nowMs: number): number;
  /** How many counters and holds are known. */
  size(): number;
}

export function openMemoryState(): MemoryState {
  const counters = new Map<string, { readonly state: CounterState; readonly forgetMs: number }>();
  const holds = new Map<string, HoldRecord>();
  const lines = new Map<string, Line>();

  return {
    counter: (key) => counters.get(key)?.state,
    putCounter: (key, state, forgetMs) => {
      counters.set(key, { state, forgetMs });
    },
    hold: (id) => holds.get(id),
    putHold: (record) => {
      holds.set(record.id, record);
    },
    expired: (nowMs, max) =>
      [...holds.values()]
        .filter(({ status, leaseEndsMs }) => status === 'open' && leaseEndsMs <= nowMs)
        .toSorted((left, right) => left.leaseEndsMs - right.leaseEndsMs || (left.id < right.id ? -1 : 1))
        .slice(0, max),
    addSpending: (day, account, change) => {
      const name = JSON.stringify([day, account.team, account.client, account.key, account.user, account.model]);
      lines.set(name, { day, ...account, ...addAmounts(lines.get(name) ?? NOTHING, change) });
    },
    openHolds: () => [...holds.values()].filter(({ status }) => status === 'open').length,
    spending: (fromDay, toDay) =>
      [...lines.values()]
        .filter((line) => fromDay <= line.day && line.day <= toDay && line.requests + line.tokens + line.nanoUsd > 0)
        .toSorted((left, right) => (left.day < right.day ? -1 : Number(left.day > right.day))),
    forget: (nowMs) =>
      dropAll(counters, ({ forgetMs }) => forgetMs <= nowMs) +
      dropAll(holds, ({ status, forgetMs }) => status !== 'open' && forgetMs <= nowMs),
    size: () => counters.size + holds.size,
  };
}

function dropAll<Value>(map: Map<string, Value>, isOver: (value: Value) => boolean): number {
  const over = [...map].filter(([, value]) => isOver(value));
  for (const [name] of over) {
    map.delete(name);
  }
  return over.length;
}
