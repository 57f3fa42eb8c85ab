import type { HoldEnd } from '../core/ledger/restore.ts';
import type { Journal } from '../ports/journal.ts';
import type { Ledger } from '../ports/ledger.ts';

/** Beyond this the oldest are given up: their holds run out and stay charged, which is never too little. */
const waitingMax = 100_000;
const atOnceMax = 64;
const retryMsMin = 100;
const retryMsMax = 5_000;

/** Tells the store how each hold ended, again until it answers: asking twice is harmless, because the id is known there. */
export class Resolutions {
  readonly #ledger: Pick<Ledger, 'settle' | 'cancel'>;
  readonly #journal: Pick<Journal, 'ended' | 'acknowledged'>;
  readonly #waiting = new Map<string, HoldEnd>();
  readonly #asked = new Set<string>();
  readonly #idle: (() => void)[] = [];
  #pauseMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(ledger: Pick<Ledger, 'settle' | 'cancel'>, journal: Pick<Journal, 'ended' | 'acknowledged'>) {
    this.#ledger = ledger;
    this.#journal = journal;
  }

  add(id: string, resolution: HoldEnd): void {
    this.#journal.ended(id, resolution);
    this.again(id, resolution);
  }

  /** One that the journal has. */
  again(id: string, resolution: HoldEnd): void {
    this.#waiting.set(id, resolution);
    if (this.#waiting.size > waitingMax) {
      this.#dropOldest();
    }
    if (this.#mayAsk() && !this.#asked.has(id)) {
      void this.#ask(id, resolution);
    }
  }

  /** Not acknowledged yet. */
  size(): number {
    return this.#waiting.size;
  }

  /** Resolves when all are acknowledged, after `graceMs` at the latest; later ones are not sent. */
  async close(graceMs: number): Promise<void> {
    if (this.#waiting.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        this.#idle.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #dropOldest(): void {
    for (const id of this.#waiting.keys()) {
      this.#waiting.delete(id);
      // All that are asked are waiting: so their numbers tell whether there are more.
      this.#asked.delete(id);
      return;
    }
  }

  #mayAsk(): boolean {
    return this.#timer === undefined && !this.#isClosed && this.#asked.size < atOnceMax;
  }

  /** Asks about those that had to wait for others, the earliest first. */
  #askMore(): void {
    if (this.#waiting.size === this.#asked.size) {
      return;
    }
    for (const [id, resolution] of this.#waiting) {
      if (!this.#mayAsk()) {
        return;
      }
      if (!this.#asked.has(id)) {
        void this.#ask(id, resolution);
      }
    }
  }

  async #ask(id: string, resolution: HoldEnd): Promise<void> {
    this.#asked.add(id);
    try {
      await (resolution === 'cancel' ? this.#ledger.cancel(id) : this.#ledger.settle(id, resolution));
      this.#waiting.delete(id);
      this.#journal.acknowledged(id);
      this.#pauseMs = 0;
    } catch {
      this.#pauseMs = Math.min(retryMsMax, Math.max(retryMsMin, this.#pauseMs * 2));
    }
    this.#asked.delete(id);
    this.#goOn();
  }

  #goOn(): void {
    if (this.#waiting.size === 0) {
      for (const done of this.#idle.splice(0)) {
        done();
      }
    } else if (this.#pauseMs === 0) {
      this.#askMore();
    } else {
      this.#pause();
    }
  }

  /** Full jitter: many sidecars find the store back at the same moment. */
  #pause(): void {
    const waitMs = retryMsMin + Math.random() * this.#pauseMs;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#askMore();
    }, waitMs).unref();
  }
}
