import { setTimeout as pause } from 'node:timers/promises';

const pollMs = 10;

export interface Waiting {
  readonly deadlineMs: number;
  /** Completes the sentence "waited 500 ms for …". */
  readonly what: string;
}

/**
 * Asks again and again until the condition gives something other than `undefined` or `false`, and returns that.
 * Throws when the deadline passes, and at once when the condition itself throws.
 */
export async function until<T>(condition: () => T | undefined | false | Promise<T | undefined | false>, waiting: Waiting): Promise<T> {
  const giveUpMs = performance.now() + waiting.deadlineMs;
  for (;;) {
    const found = await condition();
    if (found !== undefined && found !== false) {
      return found;
    }
    if (performance.now() > giveUpMs) {
      throw new Error(`waited ${String(waiting.deadlineMs)} ms for ${waiting.what}`);
    }
    await pause(pollMs);
  }
}

/** The promise's value, or an error that names what did not happen in time. */
export async function within<T>(promise: Promise<T>, waiting: Waiting): Promise<T> {
  const stop = new AbortController();
  const late = pause(waiting.deadlineMs, undefined, { signal: stop.signal }).then((): never => {
    throw new Error(`waited ${String(waiting.deadlineMs)} ms for ${waiting.what}`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    stop.abort();
    late.catch(() => undefined);
  }
}
