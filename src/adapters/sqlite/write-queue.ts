import { must } from '../../core/assert.ts';
import { StoreError } from '../../ports/key-store.ts';

/** Another process's transaction takes about a disk flush; the jitter keeps two waiting processes from meeting again. */
const retryMsMin = 1;
const retryMsSpread = 4;

type Settle<Result> = (result: Result | StoreError) => void;

interface Waiting<Write, Result> {
  readonly write: Write;
  readonly settle: Settle<Result>;
  readonly giveUpAtMs: number;
}

export interface WriteQueue<Write, Result> {
  /** `settle` hears once: what the write came to, or why it was not done. While others write, it is tried until `giveUpAtMs`. */
  push(write: Write, giveUpAtMs: number, settle: Settle<Result>): void;
  /** Commits since the start; `PRAGMA data_version` counts only other connections' commits. */
  commits(): number;
  /** Tries once more and gives up on what is left. */
  close(): void;
}

/** What each write of a group came to; or why nothing of it happened. */
type Commit<Write, Result> = (writes: readonly Write[]) => readonly (Result | StoreError)[] | StoreError;

export interface QueueSettings {
  readonly nowMs: () => number;
  /** Bounds how long one transaction keeps other processes waiting. */
  readonly writesPerTransactionMax: number;
}

/** Writes of one turn of the event loop share a transaction, so a hundred callers pay for one commit. */
export function openWriteQueue<Write, Result>(
  commit: Commit<Write, Result>,
  { nowMs, writesPerTransactionMax }: QueueSettings,
): WriteQueue<Write, Result> {
  let waiting: Waiting<Write, Result>[] = [];
  let scheduled = false;
  let commits = 0;

  /** True where the next group was committed. */
  const commitGroup = (): boolean => {
    const group = waiting.slice(0, writesPerTransactionMax);
    const results = commit(group.map((entry) => entry.write));
    if (results instanceof StoreError) {
      giveUp(results);
      return false;
    }
    commits += 1;
    waiting = waiting.slice(group.length);
    for (const [index, entry] of group.entries()) {
      const result = results[index];
      must(result !== undefined, 'every write of a group has a result');
      entry.settle(result);
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
    push: (write, giveUpAtMs, settle) => {
      waiting.push({ write, settle, giveUpAtMs });
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

interface Lasting {
  readonly giveUpAtMs: number;
}

/** Who gives up and who waits on: a locked file is tried again until a write has waited long enough; every other error is final. */
function partition<Entry extends Lasting>(
  waiting: readonly Entry[],
  error: StoreError,
  nowMs: number,
): readonly [lost: Entry[], kept: Entry[]] {
  const lost: Entry[] = [];
  const kept: Entry[] = [];
  for (const entry of waiting) {
    const isOver = error.code !== 'locked' || entry.giveUpAtMs <= nowMs;
    (isOver ? lost : kept).push(entry);
  }
  return [lost, kept];
}
