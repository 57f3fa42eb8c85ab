import { randomUUID } from 'node:crypto';
import { cancel, extend, reap, reserve, settle, usage } from '../../src/core/ledger/ledger.ts';
import { openMemoryState, type MemoryState } from '../../src/core/ledger/memory-state.ts';
import { StoreError } from '../../src/ports/key-store.ts';
import type { Ledger } from '../../src/ports/ledger.ts';

/** The pure ledger behind the port, for tests: its clock stands still unless it is moved. */
export interface MemoryLedger {
  readonly state: () => MemoryState;
  readonly nowMs: () => number;
  advance(ms: number): void;
  loseMemory(): void;
  open(): Ledger & { healthy(): boolean; close(): Promise<void> };
}

export function openMemoryLedger(startMs: number): MemoryLedger {
  let state = openMemoryState();
  let epoch = randomUUID();
  let nowMs = startMs;

  const open: MemoryLedger['open'] = () => {
    let told = epoch;
    let isClosed = false;
    // What was asked before it was closed is answered.
    const read = <Answer>(ask: () => Answer): Promise<Answer> =>
      isClosed ? Promise.reject(new StoreError('unreachable')) : Promise.resolve().then(ask);
    const write = <Answer>(ask: () => Answer): Promise<Answer> =>
      read(() => {
        if (told !== epoch) {
          throw new StoreError('bad_reply');
        }
        return ask();
      });
    return {
      reserve: (request) => write(() => reserve(state, request, nowMs)),
      extend: (ids, leaseMs) => write(() => extend(state, ids, leaseMs, nowMs)),
      settle: (id, amounts) =>
        write(() => {
          return settle(state, id, amounts, nowMs);
        }),
      cancel: (id) => write(() => cancel(state, id, nowMs)),
      reap: () =>
        write(() => {
          const reaped = reap(state, nowMs);
          state.forget(nowMs);
          return reaped;
        }),
      openHolds: () => read(() => state.openHolds()),
      usage: (counters) =>
        read(() =>
          usage(state, counters, nowMs).map((standing) => {
            if (standing === undefined) {
              throw new StoreError('bad_reply');
            }
            return standing;
          }),
        ),
      spending: (fromDay, toDay) => read(() => state.spending(fromDay, toDay)),
      epoch: () =>
        read(() => {
          told = epoch;
          return epoch;
        }),
      healthy: () => !isClosed,
      close: () => {
        isClosed = true;
        return Promise.resolve();
      },
    };
  };

  return {
    state: () => state,
    nowMs: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
    loseMemory: () => {
      state = openMemoryState();
      epoch = randomUUID();
    },
    open,
  };
}
