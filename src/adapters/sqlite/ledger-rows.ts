import { never } from '../../core/assert.ts';
import type { CounterState, HoldRecord, HoldStatus, Place } from '../../core/ledger/hold.ts';
import type { Buckets } from '../../core/ledger/window.ts';
import { NOTHING, type Account } from '../../core/limit.ts';
import type { Spending } from '../../ports/ledger.ts';
import { count, list, listOf, text, unreadable, unreadableNow } from './ledger-values.ts';

export type Row = Readonly<Record<string, unknown>>;

/** By number: their order is part of the format. */
const statuses: readonly HoldStatus[] = ['open', 'expired'];

/** `[0, bucket, amount, bucket, amount, …]`, `[1, inUse]` or `[2, used, pending]`: what is read most is the shortest. */
export function encodeCounter(state: CounterState): string {
  switch (state.kind) {
    case 'window': {
      let json = '[0';
      for (const [bucket, amount] of state.buckets) {
        json += `,${String(bucket)},${String(amount)}`;
      }
      return `${json}]`;
    }
    case 'slots':
      return `[1,${String(state.inUse)}]`;
    case 'budget':
      return `[2,${String(state.used)},${String(state.pending)}]`;
    default:
      return never(state);
  }
}

/** Strict: a counter that cannot be read in full is no answer, for a limit would be lifted. Throws `StoreError`. */
export function parseCounter(json: unknown): CounterState {
  const [kind, ...numbers] = listOf(json).map(count);
  const [first = 0, second = 0] = numbers;
  if (kind === 0) {
    return { kind: 'window', buckets: parseBuckets(numbers) };
  }
  if (kind === 1 && numbers.length === 1) {
    return { kind: 'slots', inUse: first };
  }
  if (kind === 2 && numbers.length === 2) {
    return { kind: 'budget', used: first, pending: second };
  }
  throw unreadable('a counter');
}

/** Pairs of numbers, the lowest bucket first. Throws `StoreError`. */
export function parseBuckets(numbers: readonly number[]): Buckets {
  const buckets: [number, number][] = [];
  let latest = -1;
  for (let index = 0; index < numbers.length; index += 2) {
    const [bucket = -1, amount = unreadableNow('a counter')] = numbers.slice(index, index + 2);
    if (bucket <= latest) {
      throw unreadable('a counter');
    }
    buckets.push([bucket, amount]);
    latest = bucket;
  }
  return buckets;
}

/** Of a hold that was settled or cancelled no more is known than that it is over. */
export const isEnded = ({ status }: HoldRecord): boolean => status === 'settled' || status === 'cancelled';

const nobody: Account = { team: '', client: '', key: '', user: '', model: '' };

export const endedHold = (id: string, forgetMs: number): HoldRecord => ({
  id,
  status: 'settled',
  atMs: 0,
  leaseEndsMs: 0,
  forgetMs,
  amounts: NOTHING,
  places: [],
  account: nobody,
  day: '',
});

export type HoldParts = readonly [string, number, number, number, number, number, number, number, string];

/** What is kept of a hold that is open or expired, but for its account and places. */
export function holdParts({ id, status, atMs, leaseEndsMs, forgetMs, amounts: { requests, tokens, nanoUsd }, day }: HoldRecord): HoldParts {
  return [id, statuses.indexOf(status), atMs, leaseEndsMs, forgetMs, requests, tokens, nanoUsd, day];
}

/** Of parts, account and places. Throws `StoreError`. */
export function parseHoldParts(parts: readonly unknown[], account: readonly unknown[], places: readonly unknown[]): HoldRecord {
  const [id, status, atMs, leaseEndsMs, forgetMs, requests, tokens, nanoUsd, day] = parts;
  const [team, client, key, user, model] = account;
  return {
    id: text(id),
    status: statuses[count(status)] ?? unreadableNow('a hold'),
    atMs: count(atMs),
    leaseEndsMs: count(leaseEndsMs),
    forgetMs: count(forgetMs),
    amounts: { requests: count(requests), tokens: count(tokens), nanoUsd: count(nanoUsd) },
    places: places.map(parsePlace),
    account: { team: text(team), client: text(client), key: text(key), user: text(user), model: text(model) },
    day: text(day),
  };
}

/** The columns of `putHeld`, in order. */
export const encodeHold = (record: HoldRecord): readonly (string | number)[] => [
  ...holdParts(record),
  JSON.stringify(accountNames(record.account)),
  JSON.stringify(record.places.map(encodePlace)),
];

/** Throws `StoreError`. */
export const parseHold = (row: Row): HoldRecord =>
  parseHoldParts(
    [
      row['id'],
      row['status'],
      row['at_ms'],
      row['lease_ends_ms'],
      row['forget_ms'],
      row['requests'],
      row['tokens'],
      row['nano_usd'],
      row['day'],
    ],
    listOf(row['account']),
    listOf(row['places']),
  );

export function encodePlace(place: Place): readonly (string | number)[] {
  switch (place.kind) {
    case 'requests':
    case 'tokens':
      return [place.kind, place.key, place.windowMs, place.bucket];
    case 'concurrent':
      return [place.kind, place.key];
    case 'budget':
      return [place.kind, place.key, place.toMs];
    default:
      return never(place);
  }
}

function parsePlace(value: unknown): Place {
  const [kind, key, ...numbers] = list(value);
  switch (kind) {
    case 'requests':
    case 'tokens':
      return { kind, key: text(key), windowMs: count(numbers[0]), bucket: count(numbers[1]) };
    case 'concurrent':
      return { kind, key: text(key) };
    case 'budget':
      return { kind, key: text(key), toMs: count(numbers[0]) };
    default:
      throw unreadable('a hold');
  }
}

/** In the order of the columns. */
export const accountNames = ({ team, client, key, user, model }: Account): readonly [string, string, string, string, string] => [
  team,
  client,
  key,
  user,
  model,
];

/** Throws `StoreError`. */
export const parseSpending = (row: Row): Spending => ({
  day: text(row['day']),
  team: text(row['team']),
  client: text(row['client']),
  key: text(row['key']),
  user: text(row['user']),
  model: text(row['model']),
  requests: count(row['requests']),
  tokens: count(row['tokens']),
  nanoUsd: count(row['nano_usd']),
});
