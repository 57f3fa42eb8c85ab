import { never } from '../../src/core/assert.ts';
import type { Counter } from '../../src/core/limit.ts';
import { promised } from './check.ts';
import { amountsOf, exactly, isAtLeast, isSame, isWithin } from './charge.ts';
import { isIn, shareOf, sum, type Entry } from './entries.ts';
import type { Exchange } from './exchange.ts';
import type { Reference } from './reference.ts';

/** A counted exchange: what the store knows of it, and what everybody else does. */
interface Counted {
  readonly entry: Entry;
  readonly exchange: Exchange;
}

/** What an exchange is charged must cover its providers' bills: they kept to their caps, and nothing was charged by what was seen of it. */
export const isStrict = ({ isHonest, isCut, isObserved }: Exchange): boolean => isHonest && !(isCut && isObserved);

/** What providers billed, by the exchanges that a counter counted: never above its limit, in no window and no period. */
export function compareBills(reference: Reference, exchangeOf: (id: string) => Exchange | undefined): void {
  for (const { counter, entries } of reference.counters()) {
    const counted = entries.flatMap((entry): readonly Counted[] => {
      const exchange = exchangeOf(entry.id);
      return exchange !== undefined && isStrict(exchange) ? [{ entry, exchange }] : [];
    });
    const most = billedAtMost(counter, counted);
    promised(most <= counter.limit, 'providers bill no more than the limit', () => [counter.key, most, counter.limit]);
  }
}

/** The most that was billed in any window or period. */
function billedAtMost(counter: Counter, counted: readonly Counted[]): number {
  switch (counter.kind) {
    case 'requests':
    case 'tokens':
      return inWindows(counter.windowMs, counted, ({ exchange }) => shareOf(counter, exchange.billed));
    case 'concurrent':
      // How long an exchange lasts is not billed.
      return 0;
    case 'budget':
      return Math.max(
        0,
        ...counter.periods.map((period) =>
          sum(counted.filter(({ entry }) => isIn(entry.atMs, period)).map(({ exchange }) => exchange.billed.nanoUsd)),
        ),
      );
    default:
      return never(counter);
  }
}

/** `counted` is in the order of admission. */
function inWindows(windowMs: number, counted: readonly Counted[], billed: (each: Counted) => number): number {
  let most = 0;
  let total = 0;
  let first = 0;
  for (const each of counted) {
    total += billed(each);
    for (let oldest = counted[first]; oldest !== undefined && oldest.entry.atMs <= each.entry.atMs - windowMs; oldest = counted[first]) {
      total -= billed(oldest);
      first += 1;
    }
    most = Math.max(most, total);
  }
  return most;
}

/**
 * Once everything is over: each exchange is charged by the written rule, and no less than what was billed for it. What was held may stay charged
 * where nobody is left to say better (`mayStay`), or where the store had forgotten it.
 */
export function compareCharges(
  reference: Reference,
  exchangeOf: (id: string) => Exchange | undefined,
  mayStay: (id: string, exchange: Exchange | undefined) => boolean,
): void {
  for (const { id, charge, held, state, isForgotten } of reference.entries()) {
    const exchange = exchangeOf(id);
    const facts = (): unknown => ({ id, charge, held, state, billed: exchange?.billed, expected: exchange?.expected });
    const isLeft = state === 'lapsed' && (isForgotten || mayStay(id, exchange)) && isSame(charge, held);
    const expected = exchange === undefined ? notReleased : exchange.expected;
    promised(isLeft || (expected !== undefined && isWithin(charge, expected)), 'an exchange is charged by the written rule', facts);
    if (exchange?.hold?.worst !== undefined && isStrict(exchange)) {
      promised(isAtLeast(charge, exchange.billed), 'what is charged covers what was billed', facts);
    }
  }
}

const notReleased = exactly('not released', amountsOf(0));
