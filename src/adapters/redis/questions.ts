import { never } from '../../core/assert.ts';
import type { HoldRequest } from '../../core/ledger/hold.ts';
import type { Account, Counter, Period } from '../../core/limit.ts';
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

/**
 * The periods are those of `nowMs`, which is a guess: the store refuses others than its own. So a script is told each key that it uses,
 * as a cluster wants it, and nothing of the periods that do not matter.
 */
export function reserveQuestion(
  { id, counters, amounts, leaseMs, account, days }: HoldRequest,
  keys: Keys,
  { epoch = '', runId }: Identity,
  nowMs: number,
): Question {
  const day = periodAt(days, nowMs) ?? nowhere;
  const names = keysFor(keys, keys.hold(id));
  const figures = counters.flatMap((counter) => [counter.limit, ...boundsOf(counter, nowMs)]);
  return {
    keys: [...names, ...counters.map((counter) => counterKey(counter, keys, nowMs))],
    values: [
      epoch,
      runId,
      id,
      leaseMs,
      amounts.requests,
      amounts.tokens,
      amounts.nanoUsd,
      encodeAccount(account),
      keys.lines(day.id),
      day.fromMs,
      day.toMs,
      kindsOf(counters),
      ...figures,
    ],
  };
}

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
