import { StoreError } from '../../ports/key-store.ts';
import { commitWrites } from './commit.ts';
import type { Database } from './database.ts';
import type { Write } from './protocol.ts';

/** Bounds how long one transaction keeps other processes waiting. */
const writesPerTransactionMax = 256;

/** Another process's transaction takes about a disk flush; the jitter keeps two waiting processes from meeting again. */
const retryMsMin = 1;
const retryMsSpread = 4;

type Settle = (result: boolean | StoreError) => void;

interface Waiting {
  readonly write: Write;
  readonly settle: Settle;
  readonly giveUpAtMs: number;
}

export interface WriteQueue {
  /** `settle` hears once: true = done, false = nothing to change, or why it was not done. */
  push(write: Write, settle: Settle): void;
  /** Commits since the start; `PRAGMA data_version` counts only other connections' commits. */
  commits(): number;
  /** Tries once more and gives up on what is left. */
  close(): void;
}

/** Writes of one turn of the event loop share a transaction, so a hundred callers pay for one flush to the disk. */
export function openWriteQueue(database: Database, waitMs: number, nowMs: () => number): WriteQueue {
  let waiting: Waiting[] = [];
  let scheduled = false;
  let commits = 0;

  /** True where the next group was committed. */
  const commitGroup = (): boolean => {
    const group = waiting.slice(0, writesPerTransactionMax);
    const results = commitWrites(
      database,
      group.map((entry) => entry.write),
    );
    if (results instanceof StoreError) {
      giveUp(results);
      return false;
    }
    commits += 1;
    waiting = waiting.slice(group.length);
    for (const [index, entry] of group.entries()) {
      entry.settle(results[index] ?? false);
    }
    return true;
  };

  const giveUp = (error: StoreError): void => {
    const [lost, kept] = partition(waiting, error, nowMs());
    waiting = kept;
    for (const entry of lost) {
      entry.settle(error);
    }
  };

  const schedule = (soon: boolean): void => {
    if (!scheduled) {
      scheduled = true;
      later(soon, () => {
        scheduled = false;
        const committed = waiting.length === 0 || commitGroup();
        if (waiting.length > 0) {
          schedule(committed);
        }
      });
    }
  };

  return {
    push: (write, settle) => {
      waiting.push({ write, settle, giveUpAtMs: nowMs() + waitMs });
      schedule(true);
    },
    commits: () => commits,
    close: () => {
      while (waiting.length > 0 && commitGroup());
      giveUp(new StoreError('unreachable', new Error('the store was closed before it could write')));
    },
  };
}

function later(soon: boolean, turn: () => void): void {
  if (soon) {
    setImmediate(turn);
  } else {
    setTimeout(turn, retryMsMin + Math.random() * retryMsSpread);
  }
}

/** Who gives up and who waits on: a locked file is tried again until a write has waited long enough; every other error is final. */
function partition(waiting: readonly Waiting[], error: StoreError, nowMs: number): readonly [lost: Waiting[], kept: Waiting[]] {
  const lost: Waiting[] = [];
  const kept: Waiting[] = [];
  for (const entry of waiting) {
    const isOver = error.code !== 'locked' || entry.giveUpAtMs <= nowMs;
    (isOver ? lost : kept).push(entry);
  }
  return [lost, kept];
}
