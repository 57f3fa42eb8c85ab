import { afterEach, beforeEach } from 'vitest';
import type { HoldRequest, Shortage } from '../../src/core/ledger/hold.ts';
import type { Counter } from '../../src/core/limit.ts';
import type { Ledger, Spending, Usage } from '../../src/ports/ledger.ts';
import { holdOf } from '../support/holds.ts';

export interface LedgerHandle extends Ledger {
  healthy(): boolean;
  close(): Promise<void>;
}

/** One store, as the suite needs it; each test gets a fresh one. Its clock may run on by itself. */
export interface LedgerUnderTest {
  /** One more process's view of the same store, with deadlines of seconds; the suite closes what it opened. */
  open(): Promise<LedgerHandle>;
  /** Puts the store's clock forward. */
  advance(ms: number): Promise<void>;
  /** Makes the store one that was restarted empty, while handles are open. */
  loseMemory(): Promise<void>;
  dispose(): Promise<void>;
}

/** What a running clock adds between two calls of a test, at most. */
export const slackMs = 20_000;

/** What the parts of the suite share: a fresh store before each test, and the questions asked most. */
export interface LedgerStage {
  readonly under: LedgerUnderTest;
  readonly ledger: LedgerHandle;
  open(): Promise<LedgerHandle>;
  /** Throws where the hold is not granted. */
  grant(counters: readonly Counter[], changes?: Partial<HoldRequest>): Promise<{ readonly id: string; readonly atMs: number }>;
  /** Throws where the hold is not refused for want of room. */
  refuse(
    counters: readonly Counter[],
    changes?: Partial<HoldRequest>,
  ): Promise<{ readonly shortage: Shortage; readonly atMs: number; readonly roomAtMs: number }>;
  usageOf(counter: Counter): Promise<Usage | undefined>;
  now(): Promise<number>;
  lines(fromDay?: string, toDay?: string): Promise<readonly Spending[]>;
}

/** To be called inside a `describe`. */
export function useLedger(start: () => Promise<LedgerUnderTest>): LedgerStage {
  let store: LedgerUnderTest | undefined;
  let opened: readonly LedgerHandle[] = [];

  const under = (): LedgerUnderTest => store ?? missing();
  const ledger = (): LedgerHandle => opened[0] ?? missing();
  const open = async (): Promise<LedgerHandle> => {
    const handle = await under().open();
    opened = [...opened, handle];
    return handle;
  };

  beforeEach(async () => {
    store = await start();
    opened = [];
    await open();
  });
  afterEach(async () => {
    await Promise.all(opened.map((handle) => handle.close()));
    await under().dispose();
  });

  return {
    get under() {
      return under();
    },
    get ledger() {
      return ledger();
    },
    open,
    grant: async (counters, changes) => {
      const request = holdOf(counters, changes);
      const answer = await ledger().reserve(request);
      return answer.kind === 'granted' ? { id: request.id, atMs: answer.atMs } : unexpected('a grant', answer);
    },
    refuse: async (counters, changes) => {
      const answer = await ledger().reserve(holdOf(counters, changes));
      if (answer.kind !== 'refused') {
        return unexpected('a refusal', answer);
      }
      return { ...answer, roomAtMs: answer.atMs + (answer.shortage.retryAfterMs ?? Infinity) };
    },
    usageOf: async (counter) => (await ledger().usage([counter]))[0],
    now: async () => {
      // A hold without a day is not granted, and tells the store's time.
      const answer = await ledger().reserve(holdOf([], { days: [] }));
      return answer.kind === 'clock' ? answer.atMs : unexpected('the time', answer);
    },
    lines: async (fromDay = '', toDay = '~') =>
      (await ledger().spending(fromDay, toDay)).filter((line) => line.requests !== 0 || line.tokens !== 0 || line.nanoUsd !== 0),
  };
}

/** All at once. */
export const askAll = <Answer>(count: number, ask: (number: number) => Promise<Answer>): Promise<readonly Answer[]> =>
  Promise.all(Array.from({ length: count }, (_, number) => ask(number)));

function missing(): never {
  throw new Error('the store is made before each test');
}

function unexpected(expected: string, answer: unknown): never {
  throw new Error(`expected ${expected}, not ${JSON.stringify(answer)}`);
}
