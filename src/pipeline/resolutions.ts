import type { Amounts } from '../core/limit.ts';
import type { Ledger } from '../ports/ledger.ts';

/** How a hold ended: with these true figures, or as if it had never been. */
export type Resolution = Amounts | 'cancel';

/** Resolutions of holds on their way to the store. */
export interface Resolutions {
  add(id: string, resolution: Resolution): void;
  /** Not acknowledged yet. */
  size(): number;
  /** Resolves when all are acknowledged, after `graceMs` at the latest; later ones are not sent. */
  close(graceMs: number): Promise<void>;
}

/** Beyond this the oldest are given up: their holds run out and stay charged, which is never too little. */
const waitingMax = 100_000;
const atOnceMax = 64;
const retryMsMin = 100;
const retryMsMax = 5_000;

/** Tells the store how each hold ended, again until it answers: asking twice is harmless, because the id is known there. */
export function openResolutions(ledger: Ledger): Resolutions {
  const waiting = new Map<string, Resolution>();
  const asked = new Set<string>();
  const idle: (() => void)[] = [];
  let pauseMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const ask = async (id: string, resolution: Resolution): Promise<void> => {
    asked.add(id);
    try {
      await (resolution === 'cancel' ? ledger.cancel(id) : ledger.settle(id, resolution));
      waiting.delete(id);
      pauseMs = 0;
    } catch {
      // Full jitter: many sidecars find the store back at the same moment.
      pauseMs = Math.min(retryMsMax, Math.max(retryMsMin, pauseMs * 2));
    } finally {
      asked.delete(id);
    }
  };

  const work = (): void => {
    if (timer !== undefined || isClosed) {
      return;
    }
    for (const [id, resolution] of waiting) {
      if (asked.size >= atOnceMax) {
        break;
      }
      if (!asked.has(id)) {
        void ask(id, resolution).then(goOn);
      }
    }
  };

  const goOn = (): void => {
    if (waiting.size === 0) {
      for (const resolve of idle.splice(0)) {
        resolve();
      }
    } else if (pauseMs === 0) {
      work();
    } else {
      timer ??= setTimeout(
        () => {
          timer = undefined;
          work();
        },
        retryMsMin + Math.random() * pauseMs,
      ).unref();
    }
  };

  return {
    add(id, resolution) {
      waiting.set(id, resolution);
      const [oldest] = waiting.keys();
      if (waiting.size > waitingMax && oldest !== undefined) {
        waiting.delete(oldest);
      }
      work();
    },
    size: () => waiting.size,
    async close(graceMs) {
      if (waiting.size > 0) {
        await new Promise<void>((resolve) => {
          idle.push(resolve);
          setTimeout(resolve, graceMs);
        });
      }
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
