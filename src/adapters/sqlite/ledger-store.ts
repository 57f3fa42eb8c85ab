import { resolve } from 'node:path';
import { fileBeside } from '../../core/file-beside.ts';
import type { Ledger } from '../../ports/ledger.ts';
import { StoreError } from '../../ports/key-store.ts';
import type { LedgerRecovery, StoreIdentity } from '../../ports/recovery.ts';
import { openChanges } from './ledger-changes.ts';
import { openHealth } from './ledger-health.ts';
import { openLetterWriter } from './ledger-letters.ts';
import { openLedgerMemory } from './ledger-memory.ts';
import type { LedgerAnswer, LedgerQuestion, LedgerWorkerSettings } from './ledger-protocol.ts';
import { openRecovery } from './ledger-recovery.ts';
import { openLink } from './link.ts';
import { startPulse } from './pulse.ts';
import { startThread, type Thread } from './thread.ts';

/** One exchange spends at most this on all stores together. */
const reserveWaitMsDefault = 50;

/** Nobody waits for a settlement, and one that fails is asked for again. */
const settleWaitMsDefault = 2_000;

const readWaitMsDefault = 2_000;

/** Some hundred milliseconds of work: whoever comes later would be answered too late anyway. */
const unansweredMaxDefault = 10_000;

/** No request waits for these. */
const unhurried: ReadonlySet<string> = new Set(['settle', 'cancel', 'extend', 'reap'] satisfies LedgerQuestion['op'][]);

const openMsMax = 5_000;

export interface SqliteLedger extends Ledger, LedgerRecovery {
  epoch(): Promise<string>;
  /** True while the last look at the file, less than a second ago, found the memory that was there before. */
  healthy(): boolean;
  /** Makes the changes that were asked for, then closes the file. Afterwards every method throws `StoreError`. */
  close(): Promise<void>;
}

export interface SqliteLedgerOptions {
  /** The file; made with its directory where it is missing (0600 and 0700). Local disk only. Any number of processes may share it. */
  readonly path: string;
  /** What this process knew of the file when it last ran: another one by now admits nothing before it is accepted. */
  readonly known?: StoreIdentity;
  /** What an exchange waits for its hold, milliseconds. */
  readonly reserveWaitMs?: number;
  /** What settling, cancelling, extending and reaping wait, milliseconds. */
  readonly settleWaitMs?: number;
  /** What usage, spending, open holds and the epoch wait, milliseconds. */
  readonly readWaitMs?: number;
  /** Questions without an answer; one more is refused. */
  readonly unansweredMax?: number;
  /** Milliseconds of a clock that never steps back. */
  readonly monotonicMs?: () => number;
  /** For tests: 8 bytes with the milliseconds since the epoch that stand for the machine's clock. */
  readonly clock?: SharedArrayBuffer;
  /** For tests: how many changes of the log the tables may be behind. */
  readonly foldAfter?: number;
}

type LedgerThread = Thread<LedgerQuestion, LedgerAnswer>;

/**
 * Opens the embedded ledger, in a thread of its own. What a process has been told survives its end in whatever way; a power cut may undo
 * the transactions of the last seconds (`ledger-file.ts`). Throws `StoreError`.
 */
export function openSqliteLedger(options: SqliteLedgerOptions): Promise<SqliteLedger> {
  const workerData: LedgerWorkerSettings = { path: resolve(options.path), clock: options.clock, foldAfter: options.foldAfter };
  const unansweredMax = options.unansweredMax ?? unansweredMaxDefault;
  const file = fileBeside('ledger-worker', import.meta.url);
  return connectLedger(
    () =>
      startThread<LedgerQuestion, LedgerAnswer>({
        file,
        name: 'sallyport-ledger',
        workerData,
        unansweredMax,
        openWriter: openLetterWriter,
        unhurried,
      }),
    options,
  );
}

/** The ledger over threads that `start` starts. */
export async function connectLedger(
  start: () => LedgerThread,
  options: Omit<SqliteLedgerOptions, 'path' | 'clock' | 'foldAfter' | 'unansweredMax'>,
): Promise<SqliteLedger> {
  const monotonicMs = options.monotonicMs ?? (() => performance.now());
  const readWaitMs = options.readWaitMs ?? readWaitMsDefault;
  const link = openLink(start, monotonicMs);
  const memory = openLedgerMemory(link);
  const health = openHealth(link, () => memory.epoch(), monotonicMs);
  try {
    await memory.meet('open', openMsMax);
    if (options.known?.epoch !== undefined) {
      memory.adopt(options.known.epoch);
    }
    await health.look(openMsMax).catch((error: unknown) => {
      // Another file than the one that is known is open all the same: it is to be told what was lost.
      if (!(error instanceof StoreError) || health.seen() === undefined) {
        throw error;
      }
    });
  } catch (error) {
    await link.close();
    throw error;
  }
  const stopPulse = startPulse((waitMs) => health.look(waitMs));

  return {
    ...openChanges(memory, {
      reserveWaitMs: options.reserveWaitMs ?? reserveWaitMsDefault,
      settleWaitMs: options.settleWaitMs ?? settleWaitMsDefault,
    }),
    openHolds: async () => (await link.ask('count', { op: 'openHolds' }, readWaitMs)).count,
    usage: async (counters) => (await link.ask('usage', { op: 'usage', counters }, readWaitMs)).usage,
    spending: async (fromDay, toDay) => (await link.ask('spending', { op: 'spending', fromDay, toDay }, readWaitMs)).lines,
    epoch: () => memory.meet('epoch', readWaitMs),
    ...openRecovery({ link, memory, health, waitMs: options.settleWaitMs ?? settleWaitMsDefault }),
    healthy: () => health.healthy(),
    close: async () => {
      stopPulse();
      health.stop();
      await link.close();
    },
  };
}
