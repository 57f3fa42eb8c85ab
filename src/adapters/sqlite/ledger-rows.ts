import { never } from '../../core/assert.ts';
import type { CounterState, HoldRecord, HoldStatus, Place } from '../../core/ledger/hold.ts';
import type { Account } from '../../core/limit.ts';
import { StoreError } from '../../ports/key-store.ts';
import type { Spending } from '../../ports/ledger.ts';

type Row = Readonly<Record<string, unknown>>;

/** By number: their order is part of the format. */
const statuses: readonly HoldStatus[] = ['open', 'expired', 'settled', 'cancelled'];

/** `[0, bucket, amount, bucket, amount, …]`, `[1, inUse]` or `[2, used, pending]`: what is read most is the shortest. */
export function encodeCounter(state: CounterState): string {
  switch (state.kind) {
    case 'window':
      return JSON.stringify([0, ...state.buckets.flat()]);
    case 'slots':
      return JSON.stringify([1, state.inUse]);
    case 'budget':
      return JSON.stringify([2, state.used, state.pending]);
    default:
      return never(state);
  }
}

/** Strict: a counter that cannot be read in full is no answer, for a limit would be lifted. Throws `StoreError`. */
export function parseCounter(text: unknown): CounterState {
  const [kind, ...numbers] = listOf(text).map(count);
  const [first = 0, second = 0] = numbers;
  if (kind === 0 && numbers.length % 2 === 0) {
    return { kind: 'window', buckets: pairs(numbers) };
  }
  if (kind === 1 && numbers.length === 1) {
    return { kind: 'slots', inUse: first };
  }
  if (kind === 2 && numbers.length === 2) {
    return { kind: 'budget', used: first, pending: second };
  }
  throw unreadable('a counter');
}

function pairs(numbers: readonly number[]): readonly (readonly [number, number])[] {
  const buckets: [number, number][] = [];
  for (let index = 0; index < numbers.length; index += 2) {
    buckets.push([numbers[index] ?? 0, numbers[index + 1] ?? 0]);
  }
  return buckets;
}

/** The columns of `putHold`, in order. */
export function encodeHold(record: HoldRecord): (string | number)[] {
  const { id, status, atMs, leaseEndsMs, forgetMs, amounts, day, account, places } = record;
  const { requests, tokens, nanoUsd } = amounts;
  const numbers = [statuses.indexOf(status), atMs, leaseEndsMs, forgetMs, requests, tokens, nanoUsd];
  return [id, ...numbers, day, JSON.stringify(accountNames(account)), JSON.stringify(places.map(encodePlace))];
}

/** Throws `StoreError`. */
export function parseHold(row: Row): HoldRecord {
  const [team, client, key, user, model] = listOf(row['account']).map(text);
  return {
    id: text(row['id']),
    status: statuses[count(row['status'])] ?? unreadableNow('a hold'),
    atMs: count(row['at_ms']),
    leaseEndsMs: count(row['lease_ends_ms']),
    forgetMs: count(row['forget_ms']),
    amounts: { requests: count(row['requests']), tokens: count(row['tokens']), nanoUsd: count(row['nano_usd']) },
    day: text(row['day']),
    account: { team: text(team), client: text(client), key: text(key), user: text(user), model: text(model) },
    places: listOf(row['places']).map(parsePlace),
  };
}

function encodePlace(place: Place): readonly (string | number)[] {
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
  const parts: readonly unknown[] = Array.isArray(value) ? value : unreadableNow('a hold');
  const [kind, key, ...numbers] = parts;
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

function listOf(value: unknown): readonly unknown[] {
  const parsed = parseJson(text(value));
  return Array.isArray(parsed) ? parsed : unreadableNow('a list');
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw unreadable('a list');
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : unreadableNow('a text'));

const count = (value: unknown): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : unreadableNow('a number');

function unreadableNow(what: string): never {
  throw unreadable(what);
}

const unreadable = (what: string): StoreError =>
  new StoreError('bad_reply', new Error(`${what} of the ledger is not readable: restore the file from its backup`));
