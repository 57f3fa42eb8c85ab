import { isMainThread, parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { must, never } from '../../core/assert.ts';
import { systemClock, type Clock } from '../../core/clock.ts';
import { StoreError } from '../../ports/key-store.ts';
import { failed, sharedMonotonicMs } from './conversation.ts';
import { watchDatabase, type Database } from './database.ts';
import { commitLedger, foldAfterDefault, type LedgerJob } from './ledger-commit.ts';
import { ledgerFile, type OpenLedger } from './ledger-file.ts';
import { openForgetting } from './ledger-forget.ts';
import { openLetterReader } from './ledger-letters.ts';
import type { LedgerAnswer, LedgerQuestion, LedgerWorkerSettings, LedgerWrite } from './ledger-protocol.ts';
import { countOpenHolds, readLook, readSpending, readUsage } from './ledger-reads.ts';
import { hangUp, serveThread } from './serve-thread.ts';
import { openWriteQueue, type WriteQueue } from './write-queue.ts';

/** A few milliseconds of work: while one group commits, the answers of the one before are acted on. */
const writesPerTransactionMax = 64;

/** Transactions that follow one reaping to forget what has piled up; the next reaping goes on. */
const forgetRoundsMax = 20;

/** While other processes write, forgetting waits this long for its turn. */
const forgetWaitMs = 1_000;

/** The ledger's thread. */
function serve(port: MessagePort, settings: LedgerWorkerSettings): void {
  const database = watchDatabase(settings.path, ledgerFile);
  const clock = clockOf(settings.clock);
  const forget = openForgetting();
  const foldAfter = settings.foldAfter ?? foldAfterDefault;
  let hasWritten = false;
  const commit = (jobs: readonly LedgerJob[]): ReturnType<typeof commitLedger> => {
    const results = commitLedger({ database, clock, forget, foldAfter }, jobs);
    hasWritten ||= !(results instanceof StoreError);
    return results;
  };
  const writes = openWriteQueue(commit, {
    nowMs: sharedMonotonicMs,
    writesPerTransactionMax,
  });

  serveThread<LedgerQuestion, LedgerAnswer>(
    port,
    (question, reply) => {
      if (question.op === 'close') {
        writes.close();
        // Whoever opens the file next has less to read; where another process writes just now, it does so itself sooner or later.
        if (hasWritten) {
          commit([{ op: 'fold' }]);
        }
        database.close();
        reply({ kind: 'count', count: 0 });
        hangUp(port);
      } else if ('giveUpAtMs' in question) {
        writes.push(question, question.giveUpAtMs, (result) => {
          reply(result instanceof StoreError ? failed(result) : result);
          if (question.op === 'reap') {
            writes.push({ op: 'fold' }, sharedMonotonicMs() + forgetWaitMs, () => {
              forgetSoon(writes, forgetRoundsMax);
            });
          }
        });
      } else {
        reply(answerTo(question, database, clock));
      }
    },
    openLetterReader(),
  );
}

/** What only reads. Throws `StoreError`. */
function answerTo(question: Exclude<LedgerQuestion, LedgerWrite>, database: Database<OpenLedger>, clock: Clock): LedgerAnswer {
  switch (question.op) {
    case 'open':
    case 'epoch':
      return epochOf(database, question.op === 'open');
    case 'look':
      return readLook(database, clock);
    case 'openHolds':
      return countOpenHolds(database);
    case 'usage':
      return readUsage(database, clock, question.counters);
    case 'spending':
      return readSpending(database, question.fromDay, question.toDay);
    default:
      return never(question);
  }
}

const epochOf = (database: Database<OpenLedger>, create: boolean): LedgerAnswer => ({
  kind: 'epoch',
  epoch: database.current(create).statements.epoch,
});

/** A few rows at a time, so that others get their turn between. */
function forgetSoon(writes: WriteQueue<LedgerJob, LedgerAnswer>, roundsLeft: number): void {
  writes.push({ op: 'forget' }, sharedMonotonicMs() + forgetWaitMs, (result) => {
    const isMore = !(result instanceof StoreError) && result.kind === 'count' && result.count > 0;
    if (isMore && roundsLeft > 1) {
      forgetSoon(writes, roundsLeft - 1);
    }
  });
}

function clockOf(shared: SharedArrayBuffer | undefined): Clock {
  if (shared === undefined) {
    return systemClock;
  }
  const time = new BigInt64Array(shared);
  return () => Number(Atomics.load(time, 0));
}

function isSettings(data: unknown): data is LedgerWorkerSettings {
  return typeof data === 'object' && data !== null && 'path' in data && 'clock' in data;
}

const given: unknown = workerData;
must(!isMainThread && parentPort !== null && isSettings(given), 'this file is started by ledger-store.ts as a worker thread');
serve(parentPort, given);
