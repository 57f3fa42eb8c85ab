import type { Counter } from '../limit.ts';
import { placeOf, shareOf } from './counters.ts';
import type { Place } from './hold.ts';
import type { RestoredHold } from './restore.ts';
import { bucketEndsMs } from './window.ts';

/** What holds that are told again come to at one counter. */
export interface ToldAgain {
  /** With the highest limit that any of them was admitted under. */
  readonly counter: Counter;
  /** When the window or period that counts began; undefined for exchanges in progress. */
  readonly fromMs: number | undefined;
  readonly amount: number;
}

/** By counter, of holds since `sinceMs`; what no window or period counts any more at `nowMs` is left out. */
export function toldAgain(holds: readonly RestoredHold[], sinceMs: number, nowMs: number): readonly ToldAgain[] {
  const byPlace = new Map<string, ToldAgain>();
  for (const hold of holds) {
    if (hold.atMs >= sinceMs && hold.end !== 'cancel') {
      add(byPlace, hold, hold.end ?? hold.amounts, nowMs);
    }
  }
  return [...byPlace.values()];
}

function add(
  byPlace: Map<string, ToldAgain>,
  { counters, atMs, end }: RestoredHold,
  amounts: RestoredHold['amounts'],
  nowMs: number,
): void {
  for (const counter of counters) {
    const place = placeOf(counter, atMs);
    if (place !== undefined && countsUntilMs(place, end !== undefined) > nowMs) {
      const before = byPlace.get(place.key);
      const amount = (before?.amount ?? 0) + shareOf(place, amounts);
      const highest = before !== undefined && before.counter.limit > counter.limit ? before.counter : counter;
      byPlace.set(place.key, { counter: highest, fromMs: beganMs(counter, atMs, nowMs), amount });
    }
  }
}

function countsUntilMs(place: Place, isOver: boolean): number {
  if ('bucket' in place) {
    return bucketEndsMs(place.bucket, place.windowMs);
  }
  return 'toMs' in place ? place.toMs : isOver ? 0 : Infinity;
}

function beganMs(counter: Counter, atMs: number, nowMs: number): number | undefined {
  if ('windowMs' in counter) {
    return nowMs - counter.windowMs;
  }
  return 'periods' in counter ? counter.periods.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)?.fromMs : undefined;
}
