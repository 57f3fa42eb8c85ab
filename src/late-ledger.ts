import { setTimeout as pause } from 'node:timers/promises';
import type { OpenLedger } from './ledger.ts';
import { reasonOf, StoreError } from './ports/key-store.ts';
import type { Ledger } from './ports/ledger.ts';

/** Between an attempt that failed and the next. */
const retryMsDefault = 1_000;

/** `Opened`: what it is once it is there. */
export interface LateLedgerOptions<Opened extends LateLedger> {
  readonly open: () => Promise<Opened>;
  /** Once, before anybody else is answered by it. */
  readonly opened: (ledger: Opened) => void;
  /** Why the first attempt failed. */
  readonly because: unknown;
  /** Hears why it is not there yet; the same reason once. */
  readonly failed: (reason: string) => void;
  readonly retryMs?: number;
}

/** A ledger that was away when the process began: until it is there, every question is answered as one that cannot be reached does. */
export type LateLedger = Ledger & Pick<OpenLedger, 'healthy' | 'close'>;

/** True where the store may be there later as it is: neither refused it nor is it none. */
export const isAway = (error: unknown): boolean =>
  error instanceof StoreError && (error.code === 'unreachable' || error.code === 'timeout' || error.code === 'locked');

/** Goes on opening until it is done, or closed. */
export function openLateLedger<Opened extends LateLedger>(options: LateLedgerOptions<Opened>): LateLedger {
  const ending = new AbortController();
  let ledger: Opened | undefined;
  const underWay = attempts(options, ending.signal).then((found) => {
    ledger = found;
    if (found !== undefined) {
      options.opened(found);
    }
  });
  const there = (): Opened => {
    if (ledger === undefined) {
      throw new StoreError('unreachable', new Error('the ledger has not been there since this process began'));
    }
    return ledger;
  };
  return {
    reserve: async (request) => there().reserve(request),
    extend: async (ids, leaseMs) => there().extend(ids, leaseMs),
    settle: async (id, amounts) => there().settle(id, amounts),
    cancel: async (id) => there().cancel(id),
    reap: async () => there().reap(),
    openHolds: async () => there().openHolds(),
    usage: async (counters) => there().usage(counters),
    spending: async (fromDay, toDay) => there().spending(fromDay, toDay),
    epoch: async () => there().epoch(),
    healthy: () => ledger?.healthy() === true,
    close: async () => {
      ending.abort();
      await underWay;
      await ledger?.close();
    },
  };
}

/** Undefined where it was broken off. */
async function attempts<Opened extends LateLedger>(
  { open, because, failed, retryMs = retryMsDefault }: LateLedgerOptions<Opened>,
  signal: AbortSignal,
): Promise<Opened | undefined> {
  let lastReason = reasonOf(because);
  failed(lastReason);
  while (await isOver(pause(retryMs, undefined, { signal, ref: false }))) {
    try {
      const found = await open();
      if (!signal.aborted) {
        return found;
      }
      await found.close();
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== lastReason) {
        lastReason = reason;
        failed(reason);
      }
    }
  }
  return undefined;
}

/** False where it was broken off. */
const isOver = (wait: Promise<void>): Promise<boolean> =>
  wait.then(
    () => true,
    () => false,
  );
