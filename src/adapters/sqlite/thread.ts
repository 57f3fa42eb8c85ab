import { Worker } from 'node:worker_threads';
import { openGather } from '../../core/gather.ts';
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

/** Who waits for the answer of each number; undefined once nobody does any more. */
type Waiting<Answer> = Map<number, ((answer: Answer | Failure) => void) | undefined>;

export function startThread<Question extends { readonly op: string }, Answer>(
  settings: ThreadSettings<Question>,
): Thread<Question, Answer> {
  const waiting: Waiting<Answer> = new Map();
  // Flags of the main thread (a test runner's, a debugger's) are not for this one.
  const worker = new Worker(settings.file, { workerData: settings.workerData, execArgv: [], name: settings.name });
  worker.on('message', (sent: string | Answered<Answer>) => {
    for (const { number, answer } of typeof sent === 'string' ? readAnswers<Answer>(sent) : sent) {
      const settle = waiting.get(number);
      waiting.delete(number);
      post.answered(number);
      settle?.(answer);
    }
  });
  // The process may end while the store is open; a question under way holds it by its deadline's timer.
  worker.unref();

  const post = openPost<Question>(worker, settings);
  let numbers = 0;
  const ask = (question: Question | Close, deadlineMs: number): Promise<Answer | Failure> => {
    if (waiting.size >= settings.unansweredMax) {
      return Promise.reject(new StoreError('timeout', new Error(`${settings.unansweredMax} questions wait for the store already`)));
    }
    numbers += 1;
    const answer = awaitAnswer(waiting, numbers, `no answer to ${question.op} within ${deadlineMs} ms`, deadlineMs);
    post.send(numbers, question);
    return answer;
  };

  return {
    ask,
    ended: awaitEnd(worker, waiting),
    stop: async () => {
      await worker.terminate();
    },
  };
}

interface Post<Question> {
  send(number: number, question: Question | Close): void;
  answered(number: number): void;
}

function openPost<Question extends { readonly op: string }>(
  worker: Worker,
  { openWriter, unhurried = new Set() }: ThreadSettings<Question>,
): Post<Question> {
  const write = openWriter?.();
  let unsent: { readonly number: number; readonly question: Question | Close }[] = [];
  const gather = openGather({
    send: () => {
      const asked: Asked<Question> = unsent;
      unsent = [];
      worker.postMessage(write?.(asked) ?? asked, []);
    },
  });
  const hurried = new Set<number>();
  return {
    send: (number, question) => {
      const isHurried = !unhurried.has(question.op);
      if (isHurried) {
        hurried.add(number);
      }
      unsent.push({ number, question });
      gather.add(isHurried);
    },
    answered: (number) => {
      gather.answered(hurried.delete(number) ? 1 : 0);
    },
  };
}

function awaitAnswer<Answer>(waiting: Waiting<Answer>, number: number, late: string, deadlineMs: number): Promise<Answer | Failure> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      if (waiting.get(number) !== undefined) {
        waiting.set(number, undefined);
        reject(new StoreError('timeout', new Error(late)));
      }
    };
    // An answer that is here but not yet read, because the event loop was held, still counts: messages are read before the immediate.
    const timer = setTimeout(() => setImmediate(giveUp), deadlineMs);
    waiting.set(number, (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
}

function awaitEnd<Answer>(worker: Worker, waiting: Waiting<Answer>): Promise<void> {
  let cause = 'it stopped';
  worker.on('error', (error: unknown) => {
    cause = error instanceof Error ? error.message : 'unknown error';
  });
  return new Promise((resolve) => {
    worker.on('exit', () => {
      for (const settle of waiting.values()) {
        settle?.({ kind: 'error', code: 'unreachable', detail: `the store's thread has ended: ${cause}` });
      }
      waiting.clear();
      resolve();
    });
  });
}
