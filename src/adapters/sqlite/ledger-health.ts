import { StoreError } from '../../ports/key-store.ts';
import type { LedgerLink } from './ledger-memory.ts';
import { freshMsMax } from './pulse.ts';

export interface Health {
  /** Looks at the file. Throws `StoreError` where it is away, or where it is another one than `epoch` tells. */
  look(waitMs: number): Promise<void>;
  healthy(): boolean;
  /** The memory that was found at the last look; undefined before the first. */
  seen(): string | undefined;
  /** From now on it is not healthy. */
  stop(): void;
}

export function openHealth(link: LedgerLink, epoch: () => string, monotonicMs: () => number): Health {
  let freshUntilMs = -Infinity;
  let isStopped = false;
  let seenEpoch: string | undefined;
  return {
    look: async (waitMs) => {
      // The time of the question, not of the answer: what happened while the answer was under way is not in it.
      const askedAtMs = monotonicMs();
      const seen = await link.ask('epoch', { op: 'epoch' }, waitMs);
      seenEpoch = seen.epoch;
      if (seen.epoch !== epoch()) {
        freshUntilMs = -Infinity;
        throw new StoreError('bad_reply', new Error('the ledger has lost its memory: it is another file than before'));
      }
      freshUntilMs = Math.max(freshUntilMs, askedAtMs + freshMsMax);
    },
    healthy: () => !isStopped && monotonicMs() < freshUntilMs,
    seen: () => seenEpoch,
    stop: () => {
      isStopped = true;
    },
  };
}
