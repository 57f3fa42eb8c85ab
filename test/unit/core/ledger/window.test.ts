import { describe, expect, it } from 'vitest';
import {
  addToBucket,
  bounded,
  bucketAt,
  bucketEndsMs,
  liveBuckets,
  roomAfterMs,
  sumOf,
  type Buckets,
} from '../../../../src/core/ledger/window.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;

describe('a sliding window', () => {
  it.each([
    ['an hour', hourMs],
    ['a second, whose sub-buckets are no whole milliseconds', 1_000],
    ['61 ms', 61],
    ['less milliseconds than sub-buckets', 7],
    ['31 days', 31 * 86_400_000],
  ])('of %s counts a charge for the whole window, and at most one sub-bucket longer', (_name, windowMs) => {
    const startMs = 1_795_262_400_000;
    for (let step = 0; step < 200; step += 1) {
      const atMs = startMs + Math.floor((step * windowMs) / 37);
      const bucket = bucketAt(atMs, windowMs);
      const endsMs = bucketEndsMs(bucket, windowMs);
      expect(endsMs - atMs).toBeGreaterThanOrEqual(windowMs);
      expect(endsMs - atMs).toBeLessThanOrEqual(Math.ceil((windowMs * 61) / 60));
      expect(liveBuckets([[bucket, 1]], endsMs - 1, windowMs)).toEqual([[bucket, 1]]);
      expect(liveBuckets([[bucket, 1]], endsMs, windowMs)).toEqual([]);
    }
  });

  it('counts what was charged later than now, where the clock went back', () => {
    const later = bucketAt(10 * hourMs, hourMs);
    expect(liveBuckets([[later, 5]], 9 * hourMs, hourMs)).toEqual([[later, 5]]);
  });

  it.each<[string, Buckets, readonly [number, number], Buckets]>([
    ['the first', [], [7, 2], [[7, 2]]],
    [
      'a later one',
      [[7, 2]],
      [8, 1],
      [
        [7, 2],
        [8, 1],
      ],
    ],
    [
      'an earlier one',
      [[7, 2]],
      [5, 1],
      [
        [5, 1],
        [7, 2],
      ],
    ],
    [
      'one between',
      [
        [5, 1],
        [7, 2],
      ],
      [6, 3],
      [
        [5, 1],
        [6, 3],
        [7, 2],
      ],
    ],
    ['one that is there', [[7, 2]], [7, 3], [[7, 5]]],
    ['less of one that is there', [[7, 5]], [7, -3], [[7, 2]]],
    ['all of one that is there', [[7, 5]], [7, -5], []],
    ['more than there is', [[7, 5]], [7, -6], []],
    ['less than nothing of one that is not there', [], [7, -6], []],
  ])('takes in %s', (_name, buckets, [bucket, change], expected) => {
    expect(addToBucket(buckets, bucket, change)).toEqual(expected);
  });

  it('stays exact and in range', () => {
    expect(addToBucket([[1, Number.MAX_SAFE_INTEGER]], 1, Number.MAX_SAFE_INTEGER)).toEqual([[1, Number.MAX_SAFE_INTEGER]]);
    expect(bounded(-1)).toBe(0);
    expect(bounded(2 ** 60)).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('sums what it holds', () => {
    expect(sumOf([])).toBe(0);
    expect(
      sumOf([
        [1, 2],
        [4, 5],
      ]),
    ).toBe(7);
  });

  it.each<[string, number, number, number | undefined]>([
    ['the first that leaves makes room', 10, 100, 1],
    ['the second has to leave too', 11, 100, 2],
    ['all have to leave', 100, 100, 3],
    ['it is larger than the limit', 101, 100, undefined],
    ['the limit has shrunk', 1, 0, undefined],
  ])('tells when there is room where %s', (_name, amount, limit, minutes) => {
    const nowMs = 30 * minuteMs + 1;
    // Charged in minutes 1, 2 and 3: each counts until the end of minute 61, 62 and 63.
    const buckets: Buckets = [
      [1, 10],
      [2, 30],
      [3, 60],
    ];
    const expected = minutes === undefined ? undefined : (61 + minutes) * minuteMs - nowMs;
    expect(roomAfterMs(buckets, { amount, limit, nowMs, windowMs: hourMs })).toBe(expected);
  });
});
