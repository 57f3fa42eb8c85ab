import { Worker } from 'node:worker_threads';
import { fileBeside } from '../../core/file-beside.ts';
import type { Vocabulary } from '../../core/vocabulary.ts';
import type { TokenCounter } from '../../ports/token-counter.ts';

/** What one request waits for its count, milliseconds; a large body takes longer than it is worth. */
const countMsMaxDefault = 20;
const bodyBytesMax = 262_144;
/** Bodies that wait for the thread; one more is bounded by its bytes. */
const queueMax = 16;

/** What travels to the thread and back; without a body the vocabulary is only loaded. */
export interface TokenQuestion {
  readonly number: number;
  readonly vocabulary: Vocabulary;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
}
export interface TokenAnswer {
  readonly number: number;
  readonly tokens: number;
}

export interface OpenTokenCounter extends TokenCounter {
  /** Loads vocabularies, so that the first request need not wait for them. Resolves when they are there. */
  prepare(vocabularies: Iterable<Vocabulary>): Promise<void>;
  close(): Promise<void>;
}

type Settle = (tokens: number | undefined) => void;

const workerFile = fileBeside('token-worker', import.meta.url);

/** Counts in a thread of its own, which is started with the first vocabulary that is needed. */
export function openTokenCounter({ countMsMax = countMsMaxDefault }: { readonly countMsMax?: number } = {}): OpenTokenCounter {
  const waiting = new Map<number, Settle>();
  let worker: Worker | undefined;
  let numbers = 0;

  const start = (): Worker => {
    const started = new Worker(workerFile, { execArgv: [], name: 'sallyport-tokens' });
    started.unref();
    started.on('message', ({ number, tokens }: TokenAnswer) => {
      settle(number, tokens);
    });
    const lose = (): void => {
      if (worker === started) {
        worker = undefined;
      }
      for (const number of waiting.keys()) {
        settle(number, undefined);
      }
    };
    started.on('error', lose);
    started.on('exit', lose);
    return started;
  };
  const settle = (number: number, tokens: number | undefined): void => {
    const found = waiting.get(number);
    waiting.delete(number);
    found?.(tokens);
  };
  const ask = (
    vocabulary: Vocabulary,
    body: Uint8Array<ArrayBuffer> | undefined,
    waitMs: number | undefined,
  ): Promise<number | undefined> =>
    new Promise((resolve) => {
      numbers += 1;
      const timer = waitMs === undefined ? undefined : setTimeout(resolve, waitMs, undefined);
      // Late ones stay in the queue until the thread has done them: they are what it is busy with.
      waiting.set(numbers, (tokens) => {
        clearTimeout(timer);
        resolve(tokens);
      });
      worker ??= start();
      worker.postMessage({ number: numbers, vocabulary, body } satisfies TokenQuestion, body === undefined ? [] : [body.buffer]);
    });

  return {
    prepare: async (vocabularies) => {
      await Promise.all([...vocabularies].map((vocabulary) => ask(vocabulary, undefined, undefined)));
    },
    count: async (vocabulary, body) =>
      body.length > bodyBytesMax || waiting.size >= queueMax
        ? undefined
        : // A copy of its own to give away: the original goes upstream.
          ask(vocabulary, new Uint8Array(body), countMsMax),
    close: async () => {
      await worker?.terminate();
    },
  };
}
