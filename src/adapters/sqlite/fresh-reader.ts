import { when, type Eventually } from '../../core/eventually.ts';
import type { ApprovalReader } from '../../ports/approvals.ts';
import { StoreError, type KeyReader, type KeyRecord } from '../../ports/key-store.ts';
import type { Link } from './link.ts';
import { openMemory, type Seen } from './memory.ts';
import type { Answer, Question } from './protocol.ts';
import { freshMsMax } from './pulse.ts';

export interface FreshReader extends KeyReader, ApprovalReader {
  /** Asks the thread what changed, and takes it in. Throws `StoreError`. */
  pulse(deadlineMs: number): Promise<Seen>;
  /** After a write of our own: nothing read before it is answered from memory. */
  forget(): void;
}

export interface ReaderSettings {
  /** What a decision waits for the store's thread. */
  readonly readWaitMs: number;
  /** Milliseconds of a clock that never steps back: it bounds how long a stalled store is believed. */
  readonly monotonicMs: () => number;
}

/**
 * Answers from memory while a recent pulse confirmed that nothing was committed since; else from the store's thread.
 */
export function openFreshReader(link: Link<Question, Answer>, { readWaitMs, monotonicMs }: ReaderSettings): FreshReader {
  const memory = openMemory();
  const listeners = new Set<() => void>();
  let freshUntilMs = -Infinity;

  const isFresh = (): boolean => monotonicMs() < freshUntilMs;

  const pulse = async (deadlineMs: number): Promise<Seen> => {
    // The time of the question, not of the answer: a commit while the answer was under way is not in it.
    const askedAtMs = monotonicMs();
    const answer = await link.ask('pulse', { op: 'pulse', seen: memory.seen()?.version }, deadlineMs);
    if (memory.take(answer)) {
      tell(listeners);
    }
    freshUntilMs = Math.max(freshUntilMs, askedAtMs + freshMsMax);
    return memory.seen() ?? unanswered();
  };

  const seen = (): Eventually<Seen> => (isFresh() ? memory.seen() : undefined) ?? pulse(readWaitMs);

  const ask = async (id: string): Promise<KeyRecord | undefined> => {
    const { record, version } = await link.ask('record', { op: 'find', id }, readWaitMs);
    memory.remember(id, record, version);
    return record;
  };

  return {
    find: (id) => {
      const known = isFresh() ? memory.recall(id) : undefined;
      return known === 'absent' ? undefined : (known ?? ask(id));
    },
    blocks: () => when(seen(), ({ blocks }) => blocks),
    approvals: () => when(seen(), ({ approvals }) => approvals),
    onChange: (listener) => {
      // A wrapper, so that a listener added twice is called twice and removed once.
      const own = (): void => {
        listener();
      };
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
    healthy: isFresh,
    pulse,
    forget: () => {
      memory.forget();
    },
  };
}

function unanswered(): never {
  throw new StoreError('bad_reply', new Error('the pulse brought nothing'));
}

/** Apart from the caller: a listener that throws must not look like a store that failed. */
function tell(listeners: ReadonlySet<() => void>): void {
  for (const listener of listeners) {
    queueMicrotask(listener);
  }
}
