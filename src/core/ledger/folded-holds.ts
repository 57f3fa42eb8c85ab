import type { Counter } from '../limit.ts';
import { addAmounts } from './add-amounts.ts';
import { placeOf } from './counters.ts';
import type { EndedHold, JournalHold } from './journal-hold.ts';
import { bucketAt, bucketEndsMs, bucketSpan } from './window.ts';

/** Beyond this the oldest sums are given up. */
const foldedMax = 20_000;
/** Lines of the statement that no running period counts. */
const lineKeptMs = 2 * 86_400_000;

/** Sums of ended holds that were charged to the same places and the same line. */
export interface FoldedHolds {
  values(): Iterable<EndedHold>;
  add(hold: EndedHold): void;
  /** Drops what no window, budget or recent day counts any more. */
  prune(nowMs: number): void;
  /** Of what was admitted since then nothing was given up. */
  wholeFromMs(): number;
  /** What was admitted since then is in no sum. */
  apartFromMs(): number;
}

export function openFoldedHolds(): FoldedHolds {
  let folded = new Map<string, EndedHold>();
  let wholeFromMs = 0;
  let apartFromMs = 0;

  const add = (hold: EndedHold): void => {
    const { name, counters } = foldOf(hold);
    const before = folded.get(name);
    folded.set(name, before === undefined ? { ...hold, counters } : plus(before, counters, hold));
    apartFromMs = Math.max(apartFromMs, hold.atMs + 1);
    if (folded.size > foldedMax) {
      makeRoom(hold.atMs);
    }
  };
  const makeRoom = (nowMs: number): void => {
    const counting = [...folded].filter(([, each]) => each.counters.some((counter) => isCounting(counter, each.atMs, nowMs)));
    const kept = counting.toSorted(([, left], [, right]) => left.atMs - right.atMs).slice(-foldedMax / 2);
    const [oldest] = kept;
    if (oldest !== undefined && kept.length < counting.length) {
      wholeFromMs = Math.max(wholeFromMs, oldest[1].atMs);
    }
    folded = new Map(kept);
  };

  return {
    values: () => folded.values(),
    add,
    prune: (nowMs) => {
      const before = folded;
      folded = new Map();
      for (const hold of before.values()) {
        const counters = hold.counters.filter((counter) => isCounting(counter, hold.atMs, nowMs));
        if (counters.length > 0 || hold.day.toMs > nowMs - lineKeptMs) {
          add({ ...hold, counters });
        }
      }
    },
    wholeFromMs: () => wholeFromMs,
    apartFromMs: () => apartFromMs,
  };
}

/** Where holds of one time are added up that share their counters, line and day. */
interface Fold {
  readonly name: string;
  /** Without places of exchanges in progress. */
  readonly counters: readonly Counter[];
  readonly hold: Pick<JournalHold, 'account' | 'day'>;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Callers have the same counters for many requests, and making a name of them costs more than all the rest. */
const lastFold = new WeakMap<readonly Counter[], Fold>();

function foldOf(hold: JournalHold): Fold {
  const { atMs, account, day } = hold;
  const last = lastFold.get(hold.counters);
  if (last?.hold.account === account && last.hold.day === day && last.fromMs <= atMs && atMs < last.toMs) {
    return last;
  }
  const counters = hold.counters.filter(({ kind }) => kind !== 'concurrent');
  const fold = { name: nameOf(hold, counters), counters, hold: { account, day }, ...placesLast(counters, atMs) };
  lastFold.set(hold.counters, fold);
  return fold;
}

/** How long before and after `atMs` the counters have the places that they have then. */
function placesLast(counters: readonly Counter[], atMs: number): Pick<Fold, 'fromMs' | 'toMs'> {
  let [fromMs, toMs] = [-Infinity, Infinity];
  for (const counter of counters) {
    const span = 'windowMs' in counter ? bucketSpan(bucketAt(atMs, counter.windowMs), counter.windowMs) : periodOf(counter, atMs);
    fromMs = Math.max(fromMs, span.fromMs);
    toMs = Math.min(toMs, span.toMs);
  }
  return { fromMs, toMs };
}

const noSpan: Pick<Fold, 'fromMs' | 'toMs'> = { fromMs: 0, toMs: 0 };

const periodOf = (counter: Counter, atMs: number): Pick<Fold, 'fromMs' | 'toMs'> =>
  ('periods' in counter ? counter.periods.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs) : undefined) ?? noSpan;

/** Of the line and the places that a hold was charged to. */
function nameOf({ atMs, day, account: { team, client, key, user, model } }: JournalHold, counters: readonly Counter[]): string {
  const names = [day.id, team, client, key, user, model];
  for (const counter of counters) {
    const place = placeOf(counter, atMs);
    if (place !== undefined) {
      // A budget's place names its period.
      names.push(place.key, 'bucket' in place ? String(place.bucket) : '');
    }
  }
  return names.join('\0');
}

/** Whether what was charged at `atMs` still counts. */
function isCounting(counter: Counter, atMs: number, nowMs: number): boolean {
  return 'windowMs' in counter
    ? bucketEndsMs(bucketAt(atMs, counter.windowMs), counter.windowMs) > nowMs
    : 'periods' in counter && counter.periods.some(({ toMs }) => toMs > nowMs);
}

/** Both name the same places, in one order. */
const plus = (sum: EndedHold, counters: readonly Counter[], { amounts }: EndedHold): EndedHold => ({
  ...sum,
  counters: withHighestLimits(sum.counters, counters),
  amounts: addAmounts(sum.amounts, amounts),
});

/** Settings change: what was admitted is within the highest limit that there was. */
function withHighestLimits(known: readonly Counter[], others: readonly Counter[]): readonly Counter[] {
  const limitAt = (index: number): number => others[index]?.limit ?? 0;
  return known.some(({ limit }, index) => limit < limitAt(index))
    ? known.map((counter, index) => ({ ...counter, limit: Math.max(counter.limit, limitAt(index)) }))
    : known;
}
