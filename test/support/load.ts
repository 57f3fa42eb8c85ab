import type { Door } from './door.ts';
import { postChat } from './orders.ts';
import { until } from './wait.ts';

const logDeadlineMs = 2_000;

interface Failure {
  /** When it was sent and answered (`performance.now()`). */
  readonly sentMs: number;
  readonly answeredMs: number;
  readonly answer: string;
}

export interface LoadReport {
  readonly done: number;
  /** Requests that were not answered 200. A key store that was late, as it may be on a busy machine, is not counted. */
  readonly failures: readonly Failure[];
}

/** Asks a door for small chats, over and over, until told to stop. Nothing is tried again. */
export function startLoad(door: Door, key: string, workers = 2): { stop(): Promise<LoadReport>; done(): number } {
  const failures: Failure[] = [];
  const over = new AbortController();
  let done = 0;
  const one = async (): Promise<void> => {
    const sentMs = performance.now();
    const answer = await postChat(door, key, 'small').then(
      async (response) => ({ isGood: response.status === 200, text: `${String(response.status)} ${await response.text()}` }),
      (error: unknown) => ({ isGood: false, text: String(error) }),
    );
    done += 1;
    if (!answer.isGood) {
      failures.push({ sentMs, answeredMs: performance.now(), answer: answer.text });
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
      return { done, failures: await withoutLateStore(door, failures) };
    },
  };
}

/** The log must account for each refusal that is left out. */
async function withoutLateStore(door: Door, failures: readonly Failure[]): Promise<readonly Failure[]> {
  const undecided = failures.filter(({ answer }) => answer.includes('"decision_unavailable"'));
  const late = (): number => door.exchanges().filter((line) => /\b(?:key store|ledger): timeout/.test(String(line['detail']))).length;
  const areLate =
    undecided.length > 0 &&
    (await until(() => late() >= undecided.length, { deadlineMs: logDeadlineMs, what: 'the log' }).catch(() => false));
  return areLate ? failures.filter((failure) => !undecided.includes(failure)) : failures;
}

/** Every process has read this key: the first read is the one that a busy machine may answer late. */
export async function warmUp(door: Door, key: string): Promise<void> {
  let inARow = 0;
  await until(
    async () => {
      const answer = await postChat(door, key, 'small');
      await answer.arrayBuffer();
      inARow = answer.status === 200 ? inARow + 1 : 0;
      return inARow >= 4 * door.sidecars.length;
    },
    { deadlineMs: 20_000, what: 'every process to know the key' },
  );
}
