import { never } from '../../core/assert.ts';
import type { HoldRequest } from '../../core/ledger/hold.ts';
import type { Account, Amounts, Counter, Period } from '../../core/limit.ts';
import type { Keys } from './keys.ts';
import type { Identity } from './standing.ts';

/** What a script is called with. */
export interface Question {
  readonly keys: readonly string[];
  readonly values: readonly (string | number)[];
}

/** No time is within it, so that the store says what time it is. */
const nowhere: Period = { id: '', fromMs: 0, toMs: 0 };

const periodAt = (periods: readonly Period[], nowMs: number): Period | undefined =>
  periods.find(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs);

/** False where a budget or the statement has no period around `nowMs`. */
export const hasPeriods = (counters: readonly Counter[], nowMs: number): boolean =>
  counters.every((counter) => counter.kind !== 'budget' || periodAt(counter.periods, nowMs) !== undefined);

export const hasDay = (days: readonly Period[], nowMs: number): boolean => periodAt(days, nowMs) !== undefined;

const letters = { requests: 'r', tokens: 't', concurrent: 'c', budget: 'b' } as const;

const kindsOf = (counters: readonly Counter[]): string => counters.map(({ kind }) => letters[kind]).join('');

/** The keys that every script begins with, and those that it is about. All have one hash tag. */
export const keysFor = (keys: Keys, ...others: readonly string[]): readonly string[] => [keys.epoch, keys.clock, keys.due, ...others];

/** A hold that is asked for, and what time the store is thought to have, in milliseconds since 1970. */
export interface Guess extends HoldRequest {
  readonly nowMs: number;
}

/**
 * The periods are those of a guess at the time: the store refuses others than its own. So a script is told each key that it uses, as a
 * cluster wants it, and nothing of the periods that do not matter. What a counter's key names, its kind and its window, is the same in all
 * requests.
 */
export function reserveQuestion(guesses: readonly Guess[], keys: Keys, { epoch = '', runId }: Identity): Question {
  const names = [keys.epoch, keys.clock, keys.due, ...guesses.map(({ id }) => keys.hold(id))];
  const places = new Map<string, number>();
  const placeOf = (key: string): number => {
    const known = places.get(key);
    if (known !== undefined) {
      return known;
    }
    places.set(key, names.push(key));
    return names.length;
  };
  const figures = guesses.map((guess) => figuresOf(guess, (counter) => placeOf(counterKey(counter, keys, guess.nowMs))));
  return {
    keys: names,
    values: [
      epoch,
      runId,
      JSON.stringify(figures),
      ...guesses.flatMap(({ id, account, days, counters, nowMs }) => [
        id,
        encodeAccount(account),
        keys.lines((periodAt(days, nowMs) ?? nowhere).id),
        kindsOf(counters),
      ]),
    ],
  };
}

function figuresOf({ leaseMs, amounts, days, counters, nowMs }: Guess, placeOf: (counter: Counter) => number): readonly number[] {
  let { fromMs, toMs } = periodAt(days, nowMs) ?? nowhere;
  const figures: number[] = [];
  for (const counter of counters) {
    let span = 0;
    if (counter.kind === 'budget') {
      const period = periodAt(counter.periods, nowMs) ?? nowhere;
      fromMs = Math.max(fromMs, period.fromMs);
      toMs = Math.min(toMs, period.toMs);
      span = period.toMs;
    } else if (counter.kind !== 'concurrent') {
      span = counter.windowMs;
    }
    figures.push(placeOf(counter), counter.limit, span);
  }
  return [leaseMs, amounts.requests, amounts.tokens, amounts.nanoUsd, fromMs, toMs, ...figures];
}

/** The end of a hold; without figures it is taken back. */
export interface Resolution {
  readonly id: string;
  readonly amounts: Amounts | undefined;
}

export const resolveQuestion = (resolutions: readonly Resolution[], keys: Keys, epoch: string): Question => ({
  keys: keysFor(keys, ...resolutions.map(({ id }) => keys.hold(id))),
  values: [
    epoch,
    JSON.stringify(
      resolutions.map(({ amounts }) => (amounts === undefined ? [0, 0, 0, 1] : [amounts.requests, amounts.tokens, amounts.nanoUsd, 0])),
    ),
    ...resolutions.map(({ id }) => id),
  ],
});

export const usageQuestion = (counters: readonly Counter[], keys: Keys, epoch: string, nowMs: number): Question => ({
  keys: keysFor(keys, ...counters.map((counter) => counterKey(counter, keys, nowMs))),
  values: [epoch, kindsOf(counters), ...counters.flatMap((counter) => boundsOf(counter, nowMs))],
});

function counterKey(counter: Counter, keys: Keys, nowMs: number): string {
  return keys.counter(counter.kind === 'budget' ? `${counter.key}|${(periodAt(counter.periods, nowMs) ?? nowhere).id}` : counter.key);
}

function boundsOf(counter: Counter, nowMs: number): readonly number[] {
  switch (counter.kind) {
    case 'requests':
    case 'tokens':
      return [counter.windowMs];
    case 'concurrent':
      return [];
    case 'budget': {
      const { fromMs, toMs } = periodAt(counter.periods, nowMs) ?? nowhere;
      return [fromMs, toMs];
    }
    default:
      return never(counter);
  }
}

/** The name of a line within its day. */
export const encodeAccount = ({ team, client, key, user, model }: Account): string => JSON.stringify([team, client, key, user, model]);
