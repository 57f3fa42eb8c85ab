import { never } from '../../core/assert.ts';
import type { Kept } from '../../core/ledger/counters.ts';
import type { Buckets } from '../../core/ledger/window.ts';
import { parseBuckets } from './ledger-rows.ts';
import { count, unreadable, unreadableNow } from './ledger-values.ts';

/**
 * How a counter was changed, as numbers: `forgetMs`, the kind, and then
 * 0: of a window that is there the sub-buckets that are others than before: the lowest that is left, and pairs of bucket and amount;
 * 1: of exchanges in progress how many there are; 2: of a budget what is used and pending; 3: all sub-buckets of a window, as pairs.
 */
export type CounterEffect = readonly number[];

/** `before` = undefined where there was none, or where that is not known. */
export function counterEffect(before: Kept | undefined, { state, forgetMs }: Kept): CounterEffect {
  switch (state.kind) {
    case 'window':
      return before?.state.kind === 'window' && state.buckets.length > 0
        ? [forgetMs, 0, ...bucketChanges(before.state.buckets, state.buckets)]
        : [forgetMs, 3, ...state.buckets.flat()];
    case 'slots':
      return [forgetMs, 1, state.inUse];
    case 'budget':
      return [forgetMs, 2, state.used, state.pending];
    default:
      return never(state);
  }
}

/** The counter after a change of the same counter as it was before it. Throws `StoreError` where the effect is not readable. */
export function withEffect([forgetMs, kind, ...numbers]: CounterEffect, before: () => Kept | undefined): Kept {
  const [first = 0, second = 0] = numbers;
  const kept = { forgetMs: count(forgetMs) };
  if (kind === 0) {
    return { ...kept, state: { kind: 'window', buckets: withChanges(before(), first, parseBuckets(numbers.slice(1))) } };
  }
  if (kind === 1 && numbers.length === 1) {
    return { ...kept, state: { kind: 'slots', inUse: first } };
  }
  if (kind === 2 && numbers.length === 2) {
    return { ...kept, state: { kind: 'budget', used: first, pending: second } };
  }
  if (kind === 3) {
    return { ...kept, state: { kind: 'window', buckets: parseBuckets(numbers) } };
  }
  throw unreadable('a change');
}

/** Both are in order, and what did not change is the same pair in most cases. An amount of 0: it is gone, though later ones are left. */
function bucketChanges(before: Buckets, after: Buckets): readonly number[] {
  const lowest = after[0]?.[0] ?? 0;
  const changes: number[] = [lowest];
  let index = 0;
  for (const pair of after) {
    const [bucket, amount] = pair;
    let old = before[index];
    while (old !== undefined && old[0] < bucket) {
      if (old[0] > lowest) {
        changes.push(old[0], 0);
      }
      index += 1;
      old = before[index];
    }
    if (old !== undefined && old[0] === bucket) {
      index += 1;
      if (old[1] !== amount) {
        changes.push(bucket, amount);
      }
    } else {
      changes.push(bucket, amount);
    }
  }
  for (const [bucket] of before.slice(index)) {
    changes.push(bucket, 0);
  }
  return changes;
}

function withChanges(before: Kept | undefined, lowest: number, changes: Buckets): Buckets {
  const buckets = new Map(bucketsOf(before));
  for (const [bucket, amount] of changes) {
    buckets.set(bucket, amount);
  }
  return [...buckets].filter(([bucket, amount]) => bucket >= lowest && amount > 0).toSorted(([left], [right]) => left - right);
}

function bucketsOf(before: Kept | undefined): Buckets {
  if (before === undefined) {
    return [];
  }
  return before.state.kind === 'window' ? before.state.buckets : unreadableNow('a change');
}
