import { StoreError } from '../../src/ports/key-store.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

/** As the embedded store has them. */
const reserveWaitMs = 50;
const otherWaitMs = 2_000;
/** How late a question may reach the store that nobody waits for any more. */
const lateMsMax = 20_000;

/** What is wrong with the way to the store and with the store itself. */
export interface Weather {
  /** The store answers nothing before: what was asked meanwhile is done then. */
  hangsUntilMs: number;
  /** Until then some questions and answers get lost. */
  roughUntilMs: number;
  /** Of a question while it is rough. */
  readonly faultChance: number;
  /** One sidecar that does not reach the store for a while. */
  cutOff: { readonly name: string; readonly untilMs: number };
}

export interface StoreHandle {
  readonly ledger: Ledger;
  /** The process is gone: it asks nothing more, and hears no answer. */
  kill(): void;
}

export interface HandleFacts {
  /** Whose way it is. */
  readonly name: string;
  readonly store: Ledger;
  readonly weather: Weather;
  readonly time: VirtualTime;
  readonly random: Random;
  /** Hears of every question that was not answered in order. */
  readonly onTrouble: () => void;
  /** Questions by which a hold may yet begin, or last longer: +1, -1. */
  readonly onFlight: (change: number) => void;
  /** Whoever asks would take what the reference objects to for a fault of the store. */
  readonly onBroken: (error: unknown) => void;
}

/**
 * `refused`, `lost`: never done. `unanswered`, `broken`: done, but the answer is lost, or the connection breaks before it. `late`: done long
 * after the asker gave up.
 */
type Fate = 'fine' | 'refused' | 'lost' | 'unanswered' | 'broken' | 'late';

/** A sidecar's way to the one store: answers may be late, lost, or come to nothing. */
export function openHandle({ name, store, weather, time, random, onTrouble, onFlight, onBroken }: HandleFacts): StoreHandle {
  let isDead = false;

  const fateOf = (): Fate => {
    if (weather.cutOff.name === name && time.nowMs() < weather.cutOff.untilMs) {
      return random.pick(['refused', 'lost']);
    }
    return time.nowMs() < weather.roughUntilMs && random.chance(weather.faultChance)
      ? random.pick(['refused', 'lost', 'unanswered', 'broken', 'late'])
      : 'fine';
  };

  const ask = <Answer>(waitMs: number, question: () => Promise<Answer>, fly: (change: number) => void = () => undefined): Promise<Answer> =>
    new Promise((resolve, reject) => {
      if (isDead) {
        return;
      }
      const fate = fateOf();
      const giveUp = (code: StoreError['code']): void => {
        if (!isDead) {
          onTrouble();
          reject(new StoreError(code));
        }
      };
      if (fate === 'refused') {
        time.after(random.between(0, 5), () => {
          giveUp('unreachable');
        });
        return;
      }
      let isAnswered = false;
      time.after(waitMs, () => {
        if (!isAnswered) {
          giveUp('timeout');
        }
      });
      if (fate === 'lost') {
        return;
      }
      const arrive = (): void => {
        if (time.nowMs() < weather.hangsUntilMs) {
          time.after(weather.hangsUntilMs - time.nowMs(), arrive);
          return;
        }
        fly(-1);
        void question().then((answer) => {
          if (fate === 'fine' && !isDead) {
            isAnswered = true;
            resolve(answer);
          } else if (fate === 'broken') {
            giveUp('unreachable');
          }
        }, onBroken);
      };
      fly(1);
      time.after(fate === 'late' ? random.between(waitMs, lateMsMax) : random.between(0, 8), arrive);
    });

  const ledger: Ledger = {
    reserve: (request) => ask(reserveWaitMs, () => store.reserve(request), onFlight),
    extend: (ids, leaseMs) => ask(otherWaitMs, () => store.extend(ids, leaseMs), onFlight),
    settle: (id, amounts) => ask(otherWaitMs, () => store.settle(id, amounts)),
    cancel: (id) => ask(otherWaitMs, () => store.cancel(id)),
    reap: () => ask(otherWaitMs, () => store.reap()),
    openHolds: () => store.openHolds(),
    usage: (counters) => store.usage(counters),
    spending: (fromDay, toDay) => store.spending(fromDay, toDay),
    epoch: () => store.epoch(),
  };
  return {
    ledger,
    kill: () => {
      isDead = true;
    },
  };
}
