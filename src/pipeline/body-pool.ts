import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { fileBeside } from '../core/file-beside.ts';
import type { Endpoint } from '../core/operation.ts';
import { fault, type Outcome } from '../core/outcome.ts';
import { DEFAULT_BODY_LIMITS, judgeBody, type JudgedBody } from '../policy/llm/body.ts';
import type { JudgeBody } from './judge-body.ts';

/** Up to here a body is judged where it is: sending it to another thread would cost more than the work. */
const inlineBytesMax = 32_768;
/** Bodies that wait for a thread; one more is refused, because a queue that grows only makes everybody late. */
const queueMax = 64;

/** What travels to a worker and back. */
export interface BodyQuestion {
  readonly number: number;
  readonly endpoint: Endpoint;
  readonly bytes: Uint8Array;
}
export interface BodyAnswer {
  readonly number: number;
  readonly outcome: Outcome<JudgedBody>;
}

export interface BodyPool {
  readonly judge: JudgeBody;
  close(): Promise<void>;
}

type Settle = (outcome: Outcome<JudgedBody>) => void;

interface Seat {
  readonly worker: Worker;
  readonly waiting: Map<number, Settle>;
}

const workerFile = fileBeside('body-worker', import.meta.url);

/** Judges bodies; those over 32 KiB in other threads, so that none holds the event loop longer than a few milliseconds. */
export function openBodyJudge(seatsMax = Math.max(1, availableParallelism() - 1)): BodyPool {
  const seats = new Set<Seat>();
  let numbers = 0;
  let queued = 0;

  const openSeat = (): Seat => {
    const seat: Seat = { worker: new Worker(workerFile, { execArgv: [], name: 'sallyport-bodies' }), waiting: new Map() };
    seat.worker.unref();
    const settle = (number: number, outcome: Outcome<JudgedBody>): void => {
      const waiting = seat.waiting.get(number);
      if (seat.waiting.delete(number)) {
        queued -= 1;
      }
      waiting?.(outcome);
    };
    seat.worker.on('message', ({ number, outcome }: BodyAnswer) => {
      settle(number, outcome);
    });
    const lose = (): void => {
      seats.delete(seat);
      for (const number of seat.waiting.keys()) {
        settle(number, fault('body', 'internal', 'the thread that judged it ended'));
      }
    };
    seat.worker.on('error', lose);
    seat.worker.on('exit', lose);
    seats.add(seat);
    return seat;
  };

  const idlest = (): Seat => {
    const [first, ...rest] = [...seats].toSorted((left, right) => left.waiting.size - right.waiting.size);
    return first === undefined || (first.waiting.size > 0 && rest.length + 1 < seatsMax) ? openSeat() : first;
  };

  const ask = async (endpoint: Endpoint, bytes: Buffer): Promise<Outcome<JudgedBody>> => {
    if (queued >= queueMax) {
      return fault('body', 'overload', `${String(queueMax)} bodies wait already`);
    }
    const seat = idlest();
    numbers += 1;
    queued += 1;
    const number = numbers;
    // A copy of its own to give away: the original goes upstream.
    const copy = new Uint8Array(bytes);
    return new Promise((resolve) => {
      seat.waiting.set(number, resolve);
      seat.worker.postMessage({ number, endpoint, bytes: copy } satisfies BodyQuestion, [copy.buffer]);
    });
  };

  return {
    judge: (endpoint, bytes) => (bytes.length <= inlineBytesMax ? judgeBody(endpoint, bytes, DEFAULT_BODY_LIMITS) : ask(endpoint, bytes)),
    async close() {
      await Promise.all([...seats].map(async (seat) => seat.worker.terminate()));
    },
  };
}
