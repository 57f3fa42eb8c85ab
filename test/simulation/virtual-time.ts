import type { Random } from './random.ts';

/** Time that passes only when it is told to. */
export interface VirtualTime {
  /** Since the simulation began. */
  nowMs(): number;
  after(ms: number, work: () => void): void;
  sleep(ms: number): Promise<void>;
  /** Everything that is due within this time happens, in its order; each event is over before the next one begins. */
  pass(ms: number): Promise<void>;
}

interface Timer {
  dueMs: number;
  /** Of two that are due at once the older one is first. */
  readonly order: number;
  readonly everyMs: number | undefined;
  readonly work: () => void;
  isCancelled: boolean;
  unref(): Timer;
}

/** Everything between two events is promises, and these are done when a macrotask comes. */
const settle = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/**
 * Runs `work` with the timers and the chance of the language replaced, so that the sidecars' own timers obey virtual time and their jitter the
 * seed. `moved` hears how far time has gone before each event.
 */
export async function inVirtualTime<Result>(
  random: Random,
  moved: (ms: number) => void,
  work: (time: VirtualTime) => Promise<Result>,
): Promise<Result> {
  const timers: Timer[] = [];
  let nowMs = 0;
  let made = 0;

  const enqueue = (timer: Timer): void => {
    const index = timers.findLastIndex((each) => each.dueMs < timer.dueMs || (each.dueMs === timer.dueMs && each.order < timer.order));
    timers.splice(index + 1, 0, timer);
  };
  const start = (callback: () => void, ms: number, everyMs: number | undefined): Timer => {
    made += 1;
    const timer: Timer = {
      dueMs: nowMs + Math.max(0, Math.trunc(ms)),
      order: made,
      everyMs,
      work: callback,
      isCancelled: false,
      unref: () => timer,
    };
    enqueue(timer);
    return timer;
  };
  const stop = (timer: Timer | undefined): void => {
    if (timer !== undefined) {
      timer.isCancelled = true;
    }
  };
  const moveTo = (ms: number): void => {
    moved(ms - nowMs);
    nowMs = ms;
  };
  const fire = async (timer: Timer): Promise<void> => {
    if (timer.isCancelled) {
      return;
    }
    moveTo(timer.dueMs);
    timer.work();
    await settle();
    if (timer.everyMs !== undefined) {
      timer.dueMs += timer.everyMs;
      enqueue(timer);
    }
  };

  const after = (ms: number, callback: () => void): void => {
    start(callback, ms, undefined);
  };
  const time: VirtualTime = {
    nowMs: () => nowMs,
    after,
    sleep: (ms) =>
      new Promise((resolve) => {
        after(ms, resolve);
      }),
    async pass(ms) {
      const untilMs = nowMs + ms;
      await settle();
      for (let next = timers[0]; next !== undefined && next.dueMs <= untilMs; next = timers[0]) {
        timers.shift();
        await fire(next);
      }
      moveTo(untilMs);
    },
  };
  const undo = [
    replace(globalThis, 'setTimeout', (callback: () => void, ms = 0) => start(callback, ms, undefined)),
    replace(globalThis, 'setInterval', (callback: () => void, ms: number) => start(callback, ms, ms)),
    replace(globalThis, 'clearTimeout', stop),
    replace(globalThis, 'clearInterval', stop),
    replace(Math, 'random', () => random.fraction()),
  ];
  try {
    return await work(time);
  } finally {
    for (const each of undo) {
      each();
    }
  }
}

/** Puts something else in the place of a function of the language; returns how to undo that. */
function replace(owner: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(owner, name) ?? {};
  Object.defineProperty(owner, name, { value, configurable: true, writable: true });
  return () => {
    Object.defineProperty(owner, name, before);
  };
}
