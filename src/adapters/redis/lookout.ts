import type { Keys } from './keys.ts';
import type { Link } from './link.ts';
import type { Script } from './scripts.ts';
import { parseLook, type Look } from './server.ts';

const intervalMs = 1_000;
export const lookWaitMs = 800;
/** One look may fail. */
const freshMsMax = 2_000;

/** What is seen of the store: at each connection, each second, and when asked for. */
export interface Lookout {
  /** What the store is; where its memory has no name, it gets this one. Throws `StoreError`. */
  readonly look: (waitMs: number, newEpoch?: string) => Promise<Look>;
  /** Looks and tells; does nothing while it is looking already. */
  readonly again: () => void;
  /** What is being seen right now is no news any more. */
  readonly discard: () => void;
  /** The store's clock, as far as its last answer tells. */
  readonly nowMs: () => number;
  readonly setNow: (nowMs: number) => void;
  /** True where the store answered on this connection within the last 2 s. */
  readonly isFresh: () => boolean;
  /** From now on looks each second and at each connection. */
  readonly start: (see: (look: Look) => void) => void;
  readonly stop: () => void;
}

export function openLookout(link: Link, script: Script, keys: Keys): Lookout {
  let tell: ((look: Look) => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  let offsetMs = 0;
  let seenAtMs = -Infinity;
  let discarded = 0;

  const setNow = (nowMs: number): void => {
    offsetMs = nowMs - performance.now();
  };
  const look = async (waitMs: number, newEpoch = ''): Promise<Look> => {
    const looked = parseLook(await link.run(script, [keys.epoch], [newEpoch], waitMs));
    setNow(looked.nowMs);
    seenAtMs = performance.now();
    return looked;
  };
  const again = oneAtATime(async () => {
    const before = discarded;
    const looked = await look(lookWaitMs);
    if (before === discarded) {
      tell?.(looked);
    }
  });

  return {
    look,
    again,
    discard: () => {
      discarded += 1;
    },
    nowMs: () => performance.now() + offsetMs,
    setNow,
    isFresh: () => tell !== undefined && performance.now() - seenAtMs < freshMsMax,
    start: (see) => {
      tell = see;
      timer = setInterval(again, intervalMs);
      timer.unref();
      link.onConnection((isThere) => {
        // What was seen through a connection says nothing of the next one.
        seenAtMs = -Infinity;
        if (isThere) {
          again();
        }
      });
    },
    stop: () => {
      tell = undefined;
      clearInterval(timer);
    },
  };
}

/** Does nothing while it is busy. A store that does not answer shows as one that is no longer fresh. */
function oneAtATime(work: () => Promise<void>): () => void {
  let isBusy = false;
  const done = (): void => {
    isBusy = false;
  };
  return () => {
    if (!isBusy) {
      isBusy = true;
      work().then(done, done);
    }
  };
}
