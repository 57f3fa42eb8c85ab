import { must } from '../../core/assert.ts';
import { StoreError } from '../../ports/key-store.ts';
import { toError, type Failure } from './conversation.ts';
import type { Thread } from './thread.ts';

/** A thread that dies at once is not started again in a tight loop. */
const restartMsMin = 1_000;

/** How long closing waits for the last commit and checkpoint. */
const closeMsMax = 5_000;

interface Kinds {
  readonly kind: string;
}

export type Given<Answer extends Kinds, Kind extends Answer['kind']> = Extract<Answer, { readonly kind: Kind }>;

/** The way to a store's thread; a thread that ended is started again. */
export interface Link<Question extends { readonly op: string }, Answer extends Kinds> {
  /** The answer, which is of the kind named. Throws `StoreError`: the thread's own, or `timeout` after `deadlineMs`. */
  ask<Kind extends Answer['kind']>(kind: Kind, question: Question, deadlineMs: number): Promise<Given<Answer, Kind>>;
  /** Afterwards `ask` throws. */
  close(): Promise<void>;
}

const isKind = <Answer extends Kinds, Kind extends Answer['kind']>(answer: Answer, kind: Kind): answer is Given<Answer, Kind> =>
  answer.kind === kind;

const isFailure = (answer: Kinds | Failure): answer is Failure => answer.kind === 'error';

export function openLink<Question extends { readonly op: string }, Answer extends Kinds>(
  start: () => Thread<Question, Answer>,
  monotonicMs: () => number,
): Link<Question, Answer> {
  let thread: Thread<Question, Answer> | undefined;
  let startedAtMs = -Infinity;
  let isClosed = false;

  const restart = (): Thread<Question, Answer> => {
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
      if (isFailure(answer)) {
        throw toError(answer);
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
