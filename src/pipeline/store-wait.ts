import type { Eventually } from '../core/eventually.ts';
import { StoreError } from '../ports/key-store.ts';

export interface StoreWaitOptions {
  /** What the exchange may wait in all, milliseconds; no store may take longer to give up by itself. */
  readonly totalMs: number;
  /** Milliseconds of a clock that never steps back. */
  readonly monotonicMs?: () => number;
}

/** What one exchange waits for its stores, all questions of all stages together. What is answered from memory takes nothing of it. */
export class StoreWait {
  readonly #totalMs: number;
  readonly #monotonicMs: () => number;
  #waitedMs = 0;

  constructor({ totalMs, monotonicMs = () => performance.now() }: StoreWaitOptions) {
    this.#totalMs = totalMs;
    this.#monotonicMs = monotonicMs;
  }

  /** So far, rounded up: the next stage is told whole milliseconds. */
  get waitedMs(): number {
    return Math.ceil(this.#waitedMs);
  }

  /** An earlier stage, of another process perhaps, has waited. */
  add(waitedMs: number): void {
    this.#waitedMs += waitedMs;
  }

  /** The answer, or `StoreError` `timeout` where it does not come while there is time left. */
  for<Answer>(answer: Eventually<Answer>): Eventually<Answer> {
    return answer instanceof Promise ? this.#await(answer) : answer;
  }

  async #await<Answer>(answer: Promise<Answer>): Promise<Answer> {
    const startedMs = this.#monotonicMs();
    try {
      // Each store has the whole time as a deadline of its own: for the first question no second timer is needed.
      return await (this.#waitedMs === 0 ? answer : this.#inTime(answer));
    } finally {
      this.#waitedMs += this.#monotonicMs() - startedMs;
    }
  }

  #inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
    const leftMs = Math.max(0, this.#totalMs - this.#waitedMs);
    return answerWithin(answer, leftMs, `the stores took more than ${String(this.#totalMs)} ms of one exchange`);
  }
}

function answerWithin<Answer>(answer: Promise<Answer>, leftMs: number, late: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      reject(new StoreError('timeout', new Error(late)));
    };
    // An answer that is here but not yet read, because the event loop was held, still counts: messages are read before the immediate.
    const timer = setTimeout(() => setImmediate(giveUp), leftMs);
    answer.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}
