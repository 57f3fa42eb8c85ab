import { keysOf } from '../../src/adapters/redis/keys.ts';
import { openRedisLedger, type RedisLedger } from '../../src/adapters/redis/ledger.ts';
import type { CounterState } from '../../src/core/ledger/hold.ts';
import { openMemoryState, type MemoryState } from '../../src/core/ledger/memory-state.ts';
import type { RedisServer } from '../support/redis.ts';

const waitMs = 20_000;

/** The reference, and from when on it lets each counter be forgotten. */
export function openReference(): { readonly state: MemoryState; readonly forgetMs: ReadonlyMap<string, number> } {
  const state = openMemoryState();
  const forgetMs = new Map<string, number>();
  return {
    state: {
      ...state,
      putCounter: (key, counter, untilMs) => {
        forgetMs.set(key, untilMs);
        state.putCounter(key, counter, untilMs);
      },
    },
    forgetMs,
  };
}

export const holdsNothing = (counter: CounterState | undefined): boolean =>
  counter === undefined || (counter.kind === 'window' ? counter.buckets.length === 0 : counter.kind === 'slots' && counter.inUse === 0);

const expiryText = "local times = {} for i, key in ipairs(KEYS) do times[i] = redis.call('PEXPIRETIME', key) end return times";

/** A ledger that is told the time, and when its server will drop these counters: -2 = it has. */
export interface Subject {
  readonly ledger: RedisLedger;
  readonly expiriesMs: (counters: readonly string[]) => Promise<readonly number[]>;
}

/** `open` makes a fresh ledger. */
export async function openSubject(server: RedisServer, domain: string, nowMs: () => number): Promise<Subject> {
  const time = { source: 'argument', nowMs } as const;
  const waits = { openWaitMs: waitMs, reserveWaitMs: waitMs, answerWaitMs: waitMs, unhurriedMs: 0 };
  const ledger = await openRedisLedger({ url: server.url, domain, ...waits, time });
  const { counter } = keysOf(domain);
  return {
    ledger,
    expiriesMs: async (counters) => {
      const answer = await server.command('EVAL', expiryText, counters.length, ...counters.map(counter));
      return String(answer).split(',').map(Number);
    },
  };
}
