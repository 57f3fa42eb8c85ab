import { Worker } from 'node:worker_threads';
import { StoreError } from '../../ports/key-store.ts';
import type { Answer, Answered, Asked, Question, WorkerSettings } from './protocol.ts';

/** Questions the thread has not answered yet, late ones included: a stalled disk must not fill the memory. */
const unansweredMax = 1_000;

/** The file beside this one, as it is here: TypeScript under type stripping, JavaScript once emitted. */
const workerFile = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

export interface Thread {
  /** Throws `StoreError`: `timeout` where no answer came in time, `unreachable` where the thread ended first. */
  ask(question: Question, deadlineMs: number): Promise<Answer>;
  /** Resolves once the thread is gone. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Who waits for the answer of each number; undefined once nobody does any more. */
type Waiting = Map<number, ((answer: Answer) => void) | undefined>;

export function startThread(settings: WorkerSettings): Thread {
  const waiting: Waiting = new Map();
  // Flags of the main thread (a test runner's, a debugger's) are not for this one.
  const worker = new Worker(workerFile, { workerData: settings, execArgv: [], name: 'sallyport-store' });
  worker.on('message', ({ number, answer }: Answered) => {
    const settle = waiting.get(number);
    waiting.delete(number);
    settle?.(answer);
  });
  // The process may end while the store is open; a question under way holds it by its deadline's timer.
  worker.unref();

  let numbers = 0;
  const ask = (question: Question, deadlineMs: number): Promise<Answer> => {
    if (waiting.size >= unansweredMax) {
      return Promise.reject(new StoreError('timeout', new Error(`${unansweredMax} questions wait for the store already`)));
    }
    numbers += 1;
    const answer = awaitAnswer(waiting, numbers, `no answer to ${question.op} within ${deadlineMs} ms`, deadlineMs);
    worker.postMessage({ number: numbers, question } satisfies Asked, []);
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

function awaitAnswer(waiting: Waiting, number: number, late: string, deadlineMs: number): Promise<Answer> {
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

function awaitEnd(worker: Worker, waiting: Waiting): Promise<void> {
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
