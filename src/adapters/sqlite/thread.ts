import { Worker } from 'node:worker_threads';
import { openGather } from '../../core/gather.ts';
import { openSlots, type Slots } from '../../core/slots.ts';
import { StoreError } from '../../ports/key-store.ts';
import { readAnswers, type Answered, type Asked, type Close, type Failure } from './conversation.ts';

/** A store's thread: SQLite is synchronous, and a flush to the disk must not stop the event loop that decides. */
export interface Thread<Question, Answer> {
  /** Throws `StoreError`: `timeout` where no answer came in time, `unreachable` where the thread ended first. */
  ask(question: Question | Close, deadlineMs: number): Promise<Answer | Failure>;
  /** Resolves once the thread is gone. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export interface ThreadSettings<Question> {
  readonly file: URL;
  readonly name: string;
  readonly workerData: unknown;
  /** Questions the thread has not answered yet, late ones included: a stalled disk must not fill the memory. */
  readonly unansweredMax: number;
  /** Opened for each thread: questions then travel as text, and answers as JSON. What JSON does not have (NaN, for one) must not be in them. */
  readonly openWriter?: () => (asked: Asked<Question>) => string;
  /** Questions whose answer nobody waits for: they go along with others, or a few milliseconds later. */
  readonly unhurried?: ReadonlySet<string>;
}

/** A question that is not answered yet, by whose number its answer comes. */
interface Unanswered<Answer> {
  readonly isHurried: boolean;
  /** Undefined once nobody waits for it any more. */
  settle: ((answer: Answer | Failure) => void) | undefined;
}

export function startThread<Question extends { readonly op: string }, Answer>(
  settings: ThreadSettings<Question>,
): Thread<Question, Answer> {
  const unanswered = openSlots<Unanswered<Answer>>();
  // Flags of the main thread (a test runner's, a debugger's) are not for this one.
  const worker = new Worker(settings.file, { workerData: settings.workerData, execArgv: [], name: settings.name });
  worker.on('message', (sent: string | Answered<Answer>) => {
    for (const { number, answer } of typeof sent === 'string' ? readAnswers<Answer>(sent) : sent) {
      const question = unanswered.remove(number);
      post.answered(question?.isHurried === true ? 1 : 0);
      question?.settle?.(answer);
    }
  });
  // The process may end while the store is open; a question under way holds it by its deadline's timer.
  worker.unref();

  const post = openPost<Question>(worker, settings);
  const { unhurried = new Set() } = settings;
  const ask = (question: Question | Close, deadlineMs: number): Promise<Answer | Failure> => {
    if (unanswered.size() >= settings.unansweredMax) {
      return Promise.reject(new StoreError('timeout', new Error(`${settings.unansweredMax} questions wait for the store already`)));
    }
    const asked: Unanswered<Answer> = { isHurried: !unhurried.has(question.op), settle: undefined };
    const answer = awaitAnswer(asked, question.op, deadlineMs);
    post.send({ number: unanswered.add(asked), question }, asked.isHurried);
    return answer;
  };

  return {
    ask,
    ended: awaitEnd(worker, unanswered),
    stop: async () => {
      await worker.terminate();
    },
  };
}

interface Post<Question> {
  send(asked: Asked<Question>[number], isHurried: boolean): void;
  /** So many that were hurried have their answers. */
  answered(count: number): void;
}

function openPost<Question extends { readonly op: string }>(worker: Worker, { openWriter }: ThreadSettings<Question>): Post<Question> {
  const write = openWriter?.();
  let unsent: Asked<Question>[number][] = [];
  const gather = openGather({
    send: () => {
      const asked: Asked<Question> = unsent;
      unsent = [];
      worker.postMessage(write?.(asked) ?? asked, []);
    },
  });
  return {
    send: (asked, isHurried) => {
      unsent.push(asked);
      gather.add(isHurried);
    },
    answered: (count) => {
      gather.answered(count);
    },
  };
}

function awaitAnswer<Answer>(asked: Unanswered<Answer>, op: string, deadlineMs: number): Promise<Answer | Failure> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      if (asked.settle !== undefined) {
        asked.settle = undefined;
        reject(new StoreError('timeout', new Error(`no answer to ${op} within ${deadlineMs} ms`)));
      }
    };
    // An answer that is here but not yet read, because the event loop was held, still counts: messages are read before the immediate.
    const timer = setTimeout(() => setImmediate(giveUp), deadlineMs);
    asked.settle = (answer) => {
      clearTimeout(timer);
      // The immediate may be under way.
      asked.settle = undefined;
      resolve(answer);
    };
  });
}

function awaitEnd<Answer>(worker: Worker, unanswered: Slots<Unanswered<Answer>>): Promise<void> {
  let cause = 'it stopped';
  worker.on('error', (error: unknown) => {
    cause = error instanceof Error ? error.message : 'unknown error';
  });
  return new Promise((resolve) => {
    worker.on('exit', () => {
      for (const { settle } of unanswered.values()) {
        settle?.({ kind: 'error', code: 'unreachable', detail: `the store's thread has ended: ${cause}` });
      }
      resolve();
    });
  });
}
