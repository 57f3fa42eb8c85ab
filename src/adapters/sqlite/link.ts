import { must } from '../../core/assert.ts';
import { StoreError } from '../../ports/key-store.ts';
import type { Answer, Question } from './protocol.ts';
import type { Thread } from './thread.ts';

/** A thread that dies at once is not started again in a tight loop. */
const restartMsMin = 1_000;

/** How long closing waits for the last commit and checkpoint. */
const closeMsMax = 5_000;

export type Given<Kind extends Answer['kind']> = Extract<Answer, { readonly kind: Kind }>;

/** The way to the store's thread; a thread that ended is started again. */
export interface Link {
  /** The answer, which is of the kind named. Throws `StoreError`: the thread's own, or `timeout` after `deadlineMs`. */
  ask<Kind extends Answer['kind']>(kind: Kind, question: Question, deadlineMs: number): Promise<Given<Kind>>;
  /** Afterwards `ask` throws. */
  close(): Promise<void>;
}

const isKind = <Kind extends Answer['kind']>(answer: Answer, kind: Kind): answer is Given<Kind> => answer.kind === kind;

export function openLink(start: () => Thread, monotonicMs: () => number): Link {
  let thread: Thread | undefined;
  let startedAtMs = -Infinity;
  let isClosed = false;

  const restart = (): Thread => {
    if (monotonicMs() - startedAtMs < restartMsMin) {
      throw new StoreError('unreachable', new Error("the store's thread has ended"));
    }
    startedAtMs = monotonicMs();
    const started = start();
    thread = started;
    void started.ended.then(() => {
      if (thread === started) {
        thread = undefined;
      }
    });
    return started;
  };

  return {
    ask: async (kind, question, deadlineMs) => {
      if (isClosed) {
        throw new StoreError('unreachable', new Error('the store is closed'));
      }
      const answer = await (thread ?? restart()).ask(question, deadlineMs);
      if (answer.kind === 'error') {
        throw new StoreError(answer.code, new Error(answer.detail));
      }
      must(isKind(answer, kind), `the store answers ${question.op} with ${kind}`);
      return answer;
    },
    close: async () => {
      if (isClosed) {
        return;
      }
      isClosed = true;
      try {
        await thread?.ask({ op: 'close' }, closeMsMax);
      } finally {
        await thread?.stop();
      }
    },
  };
}
