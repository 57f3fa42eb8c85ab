import type { Door } from './door.ts';
import { postChat } from './orders.ts';

export interface LoadReport {
  readonly done: number;
  /** One for each request that was not answered 200: when it was sent and answered (`performance.now()`), and by what. */
  readonly failures: readonly { readonly sentMs: number; readonly answeredMs: number; readonly answer: string }[];
  /** The slowest of all, in milliseconds. */
  readonly slowestMs: number;
}

/** Asks a door for small chats, over and over, until told to stop. Nothing is tried again. */
export function startLoad(door: Door, key: string, workers = 2, model = 'small'): { stop(): Promise<LoadReport>; done(): number } {
  const failures: LoadReport['failures'][number][] = [];
  const over = new AbortController();
  let done = 0;
  let slowestMs = 0;
  const one = async (): Promise<void> => {
    const sentMs = performance.now();
    const answer = await postChat(door, key, model).then(
      async (response) => ({
        isGood: response.status === 200,
        text: `${String(response.status)} ${(await response.text()).slice(0, 200)}`,
      }),
      (error: unknown) => ({ isGood: false, text: String(error) }),
    );
    const answeredMs = performance.now();
    done += 1;
    slowestMs = Math.max(slowestMs, answeredMs - sentMs);
    if (!answer.isGood) {
      failures.push({ sentMs, answeredMs, answer: answer.text });
    }
  };
  const work = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await one();
    }
  };
  const working = Promise.all(Array.from({ length: workers }, work));
  return {
    done: () => done,
    async stop() {
      over.abort();
      await working;
      return { done, failures, slowestMs };
    },
  };
}
