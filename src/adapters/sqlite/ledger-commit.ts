import { never } from '../../core/assert.ts';
import type { Clock } from '../../core/clock.ts';
import type { LedgerState } from '../../core/ledger/hold.ts';
import { cancel, extend, reap, reserve, settle } from '../../core/ledger/ledger.ts';
import { restore } from '../../core/ledger/restore.ts';
import { StoreError } from '../../ports/key-store.ts';
import { inTransaction } from './commit.ts';
import { sharedMonotonicMs } from './conversation.ts';
import type { Database } from './database.ts';
import { isOfSqlite, toStoreError } from './errors.ts';
import type { OpenLedger } from './ledger-file.ts';
import type { Forget } from './ledger-forget.ts';
import type { LedgerLog } from './ledger-log.ts';
import type { LedgerAnswer, LedgerChange, LedgerWrite } from './ledger-protocol.ts';
import type { LedgerStatements } from './ledger-statements.ts';

/** What the thread does of itself: `fold` brings the tables to the present, `forget` drops rows of them. */
export interface Housekeeping {
  readonly op: 'fold' | 'forget';
}

export type LedgerJob = LedgerWrite | Housekeeping;

export interface LedgerCommit {
  readonly database: Database<OpenLedger>;
  readonly clock: Clock;
  readonly forget: Forget;
  /** The tables are brought to the present when the log has come to so many changes. */
  readonly foldAfter: number;
}

/** A few milliseconds of work for one transaction in some dozens, and what a process that opens the file reads at most (twice that). */
export const foldAfterDefault = 2_000;

/** One transaction at one time: what each job came to, committed; or why nothing of it happened. */
export function commitLedger(
  { database, clock, forget, foldAfter }: LedgerCommit,
  jobs: readonly LedgerJob[],
): readonly Result[] | StoreError {
  return inLedger(database, 'BEGIN IMMEDIATE', ({ epoch, statements, log }) => {
    const nowMs = timeOf(log, clock);
    const answers = jobs.map((job) => (isHousekeeping(job) ? undefined : answerTo(job, { epoch, statements, log }, nowMs)));
    log.append(nowMs);
    if (log.effects() >= foldAfter || (log.contents.isAhead() && jobs.some(({ op }) => op === 'fold'))) {
      log.fold();
    }
    const forgotten = jobs.some(({ op }) => op === 'forget') ? forget(statements, nowMs) : 0;
    return answers.map((answer): Result => answer ?? { kind: 'count', count: forgotten });
  });
}

const isHousekeeping = (job: LedgerJob): job is Housekeeping => job.op === 'fold' || job.op === 'forget';

/** One transaction on the ledger as it is now; what it was not committed with is not known any more afterwards. */
export function inLedger<Made>(
  database: Database<OpenLedger>,
  begin: 'BEGIN' | 'BEGIN IMMEDIATE',
  run: (ledger: OpenLedger) => Made,
): Made | StoreError {
  let begun: OpenLedger | undefined;
  const made = inTransaction(
    database,
    ({ statements }) => {
      begun = statements;
      statements.log.catchUp();
      return run(statements);
    },
    begin,
  );
  if (made instanceof StoreError) {
    begun?.log.drop();
  }
  return made;
}

type Result = LedgerAnswer | StoreError;

/**
 * The machine's time, never behind that of an earlier transaction of this file: after a step back of the clock it stands still until the
 * clock has caught up, and windows do not empty meanwhile.
 */
export const timeOf = (log: LedgerLog, clock: Clock): number => Math.max(clock(), log.latestMs());

function answerTo(write: LedgerWrite, { epoch, statements, log }: OpenLedger, nowMs: number): Result {
  if (write.epoch !== epoch) {
    return new StoreError('bad_reply', new Error('the ledger has lost its memory: it is another file than before'));
  }
  if (write.giveUpAtMs <= sharedMonotonicMs()) {
    return new StoreError('timeout', new Error(`${write.op} waited too long for its turn and was not done`));
  }
  try {
    const answer = apply(write, statements, log.state, nowMs);
    log.contents.accept();
    return answer;
  } catch (error) {
    if (isOfSqlite(error)) {
      throw error;
    }
    // A row that is not readable is this write's trouble, not that of the others in the transaction.
    log.contents.discard();
    return toStoreError(error);
  }
}

function apply(change: LedgerChange, statements: LedgerStatements, state: LedgerState, nowMs: number): LedgerAnswer {
  switch (change.op) {
    case 'reserve':
      return { kind: 'reserved', answer: reserve(state, change.request, nowMs) };
    case 'extend':
      return { kind: 'ids', ids: extend(state, change.ids, change.leaseMs, nowMs) };
    case 'settle':
      return { kind: 'finished', answer: settle(state, change.id, change.amounts, nowMs) };
    case 'cancel':
      return { kind: 'finished', answer: cancel(state, change.id, nowMs) };
    case 'reap':
      return { kind: 'count', count: reap(state, nowMs) };
    case 'restore':
      for (const hold of change.holds) {
        restore(state, hold, change.sinceMs, nowMs);
      }
      return { kind: 'count', count: change.holds.length };
    case 'note':
      statements.putNote.run(change.name, change.text);
      return { kind: 'count', count: 1 };
    default:
      return never(change);
  }
}
