import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { fileBeside } from '../core/file-beside.ts';
import { fault, type Faulted } from '../core/outcome.ts';
import type { BodyResult, BodyWork } from './body-work.ts';

/** Bodies that wait for a thread; one more is refused, because a queue that grows only makes everybody late. */
const queueMax = 64;

/** What travels to a worker and back. */
export interface BodyQuestion {
  readonly number: number;
  readonly work: BodyWork;
}
export interface BodyAnswer {
  readonly number: number;
  readonly result: BodyResult;
}

export interface BodyPool {
  /** A fault where too many wait, or the thread goes away. The bytes that are given stay as they are. */
  readonly ask: (work: BodyWork) => Promise<BodyResult | Faulted>;
  close(): Promise<void>;
}

type Settle = (result: BodyResult | Faulted) => void;

interface Seat {
  readonly worker: Worker;
  readonly waiting: Map<number, Settle>;
}

const workerFile = fileBeside('body-worker', import.meta.url);

/** Works on bodies in other threads. */
export function openBodyPool(seatsMax = Math.max(1, availableParallelism() - 1)): BodyPool {
  const seats = new Set<Seat>();
  let numbers = 0;
  let queued = 0;

  const openSeat = (): Seat => {
    const seat: Seat = { worker: new Worker(workerFile, { execArgv: [], name: 'sallyport-bodies' }), waiting: new Map() };
    seat.worker.unref();
    const settle = (number: number, result: BodyResult | Faulted): void => {
      const waiting = seat.waiting.get(number);
      if (seat.waiting.delete(number)) {
        queued -= 1;
      }
      waiting?.(result);
    };
    seat.worker.on('message', ({ number, result }: BodyAnswer) => {
      settle(number, result);
    });
    const lose = (): void => {
      seats.delete(seat);
      for (const number of seat.waiting.keys()) {
        settle(number, fault('body', 'internal', 'the thread that worked on it ended'));
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

  const ask = async (work: BodyWork): Promise<BodyResult | Faulted> => {
    if (queued >= queueMax) {
      return fault('body', 'overload', `${String(queueMax)} bodies wait already`);
    }
    const seat = idlest();
    numbers += 1;
    queued += 1;
    const number = numbers;
    // A copy of its own to give away: the original goes upstream.
    const bytes = new Uint8Array(work.bytes);
    return new Promise((resolve) => {
      seat.waiting.set(number, resolve);
      seat.worker.postMessage({ number, work: { ...work, bytes } } satisfies BodyQuestion, [bytes.buffer]);
    });
  };

  // The first large body must not wait for a thread to start.
  openSeat();
  return {
    ask,
    async close() {
      await Promise.all([...seats].map(async (seat) => seat.worker.terminate()));
    },
  };
}
