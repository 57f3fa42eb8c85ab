import { never } from '../../core/assert.ts';
import type { Clock } from '../../core/clock.ts';
import { cancel, extend, reap, reserve, settle } from '../../core/ledger/ledger.ts';
import { restore } from '../../core/ledger/restore.ts';
import { StoreError } from '../../ports/key-store.ts';
import { inTransaction } from './commit.ts';
import { sharedMonotonicMs } from './conversation.ts';
import type { Database } from './database.ts';
import { isOfSqlite, toStoreError } from './errors.ts';
import type { OpenLedger } from './ledger-file.ts';
import type { Forget } from './ledger-forget.ts';
import type { LedgerAnswer, LedgerChange, LedgerWrite } from './ledger-protocol.ts';
import { openStoredState, type StoredState } from './ledger-state.ts';
import type { LedgerStatements } from './ledger-statements.ts';

/** What the thread does of itself. */
export interface ForgetSome {
  readonly op: 'forget';
}

export type LedgerJob = LedgerWrite | ForgetSome;

export interface LedgerCommit {
  readonly database: Database<OpenLedger>;
  readonly clock: Clock;
  readonly forget: Forget;
}

/** One transaction at one time: what each job came to, committed; or why nothing of it happened. */
export function commitLedger({ database, clock, forget }: LedgerCommit, jobs: readonly LedgerJob[]): readonly Result[] | StoreError {
  const committed = inTransaction(database, ({ statements: { epoch, statements, cache } }) => {
    cache.begin();
    const nowMs = timeOf(statements, clock);
    const state = openStoredState(statements, cache);
    const results = jobs.map((job): Result =>
      job.op === 'forget' ? { kind: 'count', count: forget(statements, nowMs) } : answerTo(job, { epoch, statements }, state, nowMs),
    );
    state.write();
    statements.tick.run(nowMs, nowMs);
    return { results, state, cache };
  });
  if (committed instanceof StoreError) {
    return committed;
  }
  committed.state.keep(committed.cache);
  return committed.results;
}

type Result = LedgerAnswer | StoreError;

/**
 * The machine's time, never behind that of an earlier transaction of this file: after a step back of the clock it stands still until the
 * clock has caught up, and windows do not empty meanwhile.
 */
export function timeOf(statements: LedgerStatements, clock: Clock): number {
  const latestMs = statements.latest.get()?.['latest_ms'];
  if (typeof latestMs !== 'number') {
    throw new StoreError('bad_reply', new Error('the ledger has lost its time: restore the file from its backup'));
  }
  return Math.max(clock(), latestMs);
}

function answerTo(write: LedgerWrite, file: Pick<OpenLedger, 'epoch' | 'statements'>, state: StoredState, nowMs: number): Result {
  if (write.epoch !== file.epoch) {
    return new StoreError('bad_reply', new Error('the ledger has lost its memory: it is another file than before'));
  }
  if (write.giveUpAtMs <= sharedMonotonicMs()) {
    return new StoreError('timeout', new Error(`${write.op} waited too long for its turn and was not done`));
  }
  try {
    const answer = apply(write, file.statements, state, nowMs);
    state.accept();
    return answer;
  } catch (error) {
    if (isOfSqlite(error)) {
      throw error;
    }
    // A row that is not readable is this write's trouble, not that of the others in the transaction.
    state.discard();
    return toStoreError(error);
  }
}

function apply(change: LedgerChange, statements: LedgerStatements, state: StoredState, nowMs: number): LedgerAnswer {
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
