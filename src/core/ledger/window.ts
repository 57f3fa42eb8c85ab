/** Sub-buckets of a window. The oldest of those that reach into the window is counted whole, so a window never holds more than its limit. */
export const SUB_BUCKETS = 60;

/** What was charged in each sub-bucket that may still count, by number; the lowest first. */
export type Buckets = readonly (readonly [bucket: number, amount: number])[];

/** Numbers grow without end; a sub-bucket lasts `windowMs / 60`. Exact up to 2^53: beyond the year 4000 for milliseconds. */
export const bucketAt = (atMs: number, windowMs: number): number => Math.floor((atMs * SUB_BUCKETS) / windowMs);

/** When it is charged, epoch milliseconds; `toMs` is the first one of the next. */
export const bucketSpan = (bucket: number, windowMs: number): { readonly fromMs: number; readonly toMs: number } => ({
  fromMs: Math.ceil((bucket * windowMs) / SUB_BUCKETS),
  toMs: Math.ceil(((bucket + 1) * windowMs) / SUB_BUCKETS),
});

/** When a sub-bucket stops to count, epoch milliseconds. */
export const bucketEndsMs = (bucket: number, windowMs: number): number => Math.ceil(((bucket + SUB_BUCKETS + 1) * windowMs) / SUB_BUCKETS);

/** Those that count at `nowMs`; where the store's clock went back, later ones too. */
export function liveBuckets(buckets: Buckets, nowMs: number, windowMs: number): Buckets {
  const oldest = bucketAt(nowMs, windowMs) - SUB_BUCKETS;
  const [first] = buckets;
  return first === undefined || first[0] >= oldest ? buckets : buckets.filter(([bucket]) => bucket >= oldest);
}

export function sumOf(buckets: Buckets): number {
  let sum = 0;
  for (const [, amount] of buckets) {
    sum += amount;
  }
  return sum;
}

/** A sum of what was charged: it stays exact and in range, whatever figures a provider sends. */
export const bounded = (sum: number): number => Math.min(Math.max(0, sum), Number.MAX_SAFE_INTEGER);

/** Changes what one sub-bucket holds: most often the last one. */
export function addToBucket(buckets: Buckets, bucket: number, change: number): Buckets {
  const place = buckets.findLastIndex(([number]) => number < bucket) + 1;
  const found = buckets[place];
  const isThere = found?.[0] === bucket;
  const amount = bounded((isThere ? found[1] : 0) + change);
  return buckets.toSpliced(place, isThere ? 1 : 0, ...(amount === 0 ? [] : [[bucket, amount] as const]));
}

/** Milliseconds until `amount` more fits under `limit`, of buckets that count and leave no room for it; undefined where it never does. */
export function roomAfterMs(
  buckets: Buckets,
  {
    amount,
    limit,
    nowMs,
    windowMs,
  }: { readonly amount: number; readonly limit: number; readonly nowMs: number; readonly windowMs: number },
): number | undefined {
  let used = sumOf(buckets);
  for (const [bucket, held] of buckets) {
    used -= held;
    if (used + amount <= limit) {
      return bucketEndsMs(bucket, windowMs) - nowMs;
    }
  }
  return undefined;
}
