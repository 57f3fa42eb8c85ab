import { must } from '../../core/assert.ts';
import { mustBeAmounts, mustBeHold, mustBeLease } from '../../core/ledger/check.ts';
import type { HoldRequest, ReserveAnswer } from '../../core/ledger/hold.ts';
import type { Counter } from '../../core/limit.ts';
import { StoreError } from '../../ports/key-store.ts';
import type { Ledger, Usage } from '../../ports/ledger.ts';
import { parseNumbers, parseReserve, parseSettle, parseUsage, unreadable } from './answers.ts';
import type { Ask, Batches } from './batch.ts';
import type { Keys } from './keys.ts';
import {
  hasDay,
  hasPeriods,
  keysFor,
  reserveQuestion,
  resolveQuestion,
  usageQuestion,
  type Guess,
  type Question,
  type Resolution,
} from './questions.ts';
import { OTHER_PERIOD } from './codes.ts';
import type { Scripts } from './scripts.ts';
import type { Session } from './session.ts';
import { readStatement } from './statement.ts';

/** Longer than any exchange. Open holds are kept for much longer without being looked at. */
const leaseMsMax = 30 * 86_400_000;
/** Holds that one script gives a new lease. */
const extendedMax = 500;
/** The guess at the period is wrong once at an edge; more than that is no clock. */
const guessesMax = 3;

export interface CountingOptions {
  readonly keys: Keys;
  readonly scripts: Scripts;
  readonly batches: Batches;
  readonly reserveWaitMs: number;
  readonly answerWaitMs: number;
}

type Counting = Omit<Ledger, 'epoch'>;

/** The questions of the port, each one script. */
export function countingOf(session: Session, { keys, scripts, batches, reserveWaitMs, answerWaitMs }: CountingOptions): Counting {
  const askFor = (name: keyof Scripts, question: Question, waitMs = answerWaitMs): Promise<readonly unknown[]> =>
    session.ask(scripts[name], question, waitMs);
  const ask = async (name: keyof Scripts, question: Question, waitMs?: number): Promise<readonly number[]> =>
    parseNumbers(await askFor(name, question, waitMs));
  const about = (others: readonly string[], values: readonly (string | number)[]): Question => ({
    keys: keysFor(keys, ...others),
    values: [epoch(), ...values],
  });
  const epoch = (): string => session.known().epoch ?? '';
  const each = async (name: keyof Scripts, question: Question, waitMs: number): Promise<readonly (readonly number[])[]> =>
    (await askFor(name, question, waitMs)).slice(1).map(parseNumbers);
  // First, because what has ended makes room for what is asked at the same time.
  const askResolve = batches.open(
    (resolutions: readonly Resolution[], waitMs) => each('resolve', resolveQuestion(resolutions, keys, epoch()), waitMs),
    { isHurried: false },
  );
  const askReserve = batches.open((guesses: readonly Guess[], waitMs) =>
    each('reserve', reserveQuestion(guesses, keys, session.known()), waitMs),
  );

  return {
    reserve: async (request) => {
      mustBeHold(request);
      mustBeShort(request.leaseMs);
      session.mustBeKnown();
      return reserve(request, session, reserveWaitMs, askReserve);
    },
    extend: async (ids, leaseMs) => {
      mustBeLease(leaseMs);
      mustBeShort(leaseMs);
      const missing: string[] = [];
      for (let from = 0; from < ids.length || from === 0; from += extendedMax) {
        const some = ids.slice(from, from + extendedMax);
        const [, ...places] = await ask('extend', about(some.map(keys.hold), [leaseMs, ...some]));
        missing.push(...places.map((place) => some[place] ?? unreadable()));
      }
      return missing;
    },
    settle: async (id, amounts) => {
      mustBeAmounts(amounts);
      return parseSettle(await askResolve({ id, amounts }, answerWaitMs));
    },
    cancel: async (id) => parseSettle(await askResolve({ id, amounts: undefined }, answerWaitMs)),
    reap: async () => (await ask('reap', about([], [])))[1] ?? unreadable(),
    openHolds: async () => (await ask('openHolds', about([], [])))[1] ?? unreadable(),
    usage: (counters) => usage(counters, session, (nowMs) => ask('usage', usageQuestion(counters, keys, epoch(), nowMs))),
    spending: (fromDay, toDay) =>
      readStatement(
        {
          days: async () => (await askFor('days', about([keys.days], [])))[1],
          lines: async (key, cursor) => (await askFor('lines', about([key], [cursor])))[1],
        },
        keys,
        fromDay,
        toDay,
      ),
  };
}

async function reserve(request: HoldRequest, session: Session, waitMs: number, ask: Ask<Guess, readonly number[]>): Promise<ReserveAnswer> {
  const untilMs = performance.now() + waitMs;
  let leftMs = waitMs;
  let nowMs = session.nowMs();
  for (let guess = 0; guess < guessesMax; guess += 1) {
    // What the store has said is taken as it is: its clock may stand still, at the very end of a period, while ours goes on.
    const answer = await ask({ ...request, nowMs }, leftMs);
    if (answer[0] !== OTHER_PERIOD) {
      return parseReserve(answer);
    }
    nowMs = answer[1] ?? unreadable();
    session.setNow(nowMs);
    if (!hasPeriods(request.counters, nowMs) || !hasDay(request.days, nowMs)) {
      break;
    }
    leftMs = Math.max(1, untilMs - performance.now());
  }
  return { kind: 'clock', atMs: nowMs };
}

async function usage(
  counters: readonly Counter[],
  session: Session,
  ask: (nowMs: number) => Promise<readonly number[]>,
): Promise<readonly Usage[]> {
  let nowMs = session.nowMs();
  for (let guess = 0; guess < guessesMax; guess += 1) {
    const answer = await ask(nowMs);
    if (answer[0] !== OTHER_PERIOD) {
      return parseUsage(answer, counters.length);
    }
    nowMs = answer[1] ?? unreadable();
    session.setNow(nowMs);
  }
  throw new StoreError('refused', new Error('a budget has no period around the now of the store: set the clocks of both'));
}

function mustBeShort(leaseMs: number): void {
  must(leaseMs <= leaseMsMax, 'a lease is of at most 30 days');
}
