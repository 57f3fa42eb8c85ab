import { z } from 'zod';
import { never } from '../../core/assert.ts';
import { oncePer } from '../../core/once-per.ts';
import type { JournalHold } from '../../core/ledger/journal-hold.ts';
import type { HoldEnd } from '../../core/ledger/restore.ts';
import type { Account, Amounts, Counter, Period } from '../../core/limit.ts';
import type { StoreIdentity } from '../../ports/recovery.ts';

/** What a journal notes, each in a line of JSON. */
export type Entry =
  | { readonly what: 'journal'; readonly id: string; readonly coversFromMs: number }
  | { readonly what: 'store'; readonly store: StoreIdentity }
  | { readonly what: 'held' | 'sum'; readonly hold: JournalHold }
  | { readonly what: 'ended'; readonly id: string; readonly end: HoldEnd }
  | { readonly what: 'acknowledged'; readonly id: string };

const count = z.int().min(0);
const amounts = z.tuple([count, count, count]);
const counter = z.union([
  z.tuple([z.enum(['requests', 'tokens']), z.string(), count, count.min(1)]),
  z.tuple([z.literal('concurrent'), z.string(), count]),
  z.tuple([z.literal('budget'), z.string(), count, z.string(), count, count]),
]);
const account = z.tuple([z.string(), z.string(), z.string(), z.string(), z.string()]);
const periodParts = z.tuple([z.string(), count, count]);
const hold = z.tuple([z.string().min(1), count, amounts, account, periodParts, z.array(counter).max(100)]);

const line = z.union([
  z.tuple([z.literal('j'), z.string().min(1), count]),
  z.tuple([z.literal('k'), z.string().nullable(), z.string()]),
  z.tuple([z.enum(['h', 's']), hold]),
  z.tuple([z.literal('e'), z.string().min(1), amounts.nullable()]),
  z.tuple([z.literal('a'), z.string().min(1)]),
]);

/** With its line break: a line without one is torn. */
export function encodeEntry(entry: Entry): string {
  return `${textOf(entry)}\n`;
}

function textOf(entry: Entry): string {
  switch (entry.what) {
    case 'journal':
      return encode(['j', entry.id, entry.coversFromMs]);
    case 'store':
      return encode(['k', entry.store.epoch ?? null, entry.store.runId]);
    case 'held':
    case 'sum':
      return `["${entry.what === 'held' ? 'h' : 's'}",${holdText(entry.hold)}]`;
    case 'ended':
      return encode(['e', entry.id, entry.end === 'cancel' ? null : amountParts(entry.end)]);
    case 'acknowledged':
      return encode(['a', entry.id]);
    default:
      return never(entry);
  }
}

const encode = (parts: z.input<typeof line>): string => JSON.stringify(parts);

const amountParts = ({ requests, tokens, nanoUsd }: Amounts): z.input<typeof amounts> => [requests, tokens, nanoUsd];

/** A caller's line, day and counters are the same objects for many requests: most of a line is made once. */
const accountText = oncePer(({ team, client, key, user, model }: Account) => {
  const parts: z.input<typeof account> = [team, client, key, user, model];
  return JSON.stringify(parts);
});
const dayText = oncePer(({ id, fromMs, toMs }: Period) => {
  const parts: z.input<typeof periodParts> = [id, fromMs, toMs];
  return JSON.stringify(parts);
});
const counterText = oncePer((each: Counter) => JSON.stringify(counterParts(each)));

function holdText({ id, atMs, amounts: held, account: whose, day, counters }: JournalHold): string {
  return `[${JSON.stringify(id)},${String(atMs)},${JSON.stringify(amountParts(held))},${accountText(whose)},${dayText(day)},${countersText(counters, atMs)}]`;
}

function countersText(counters: readonly Counter[], atMs: number): string {
  const texts = counters.map((each) => {
    // Of a budget the period of this very hold.
    const present = each.kind === 'budget' ? each.periods.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs) : undefined;
    return present === undefined ? counterText(each) : JSON.stringify(budgetParts(each, present));
  });
  return `[${texts.join(',')}]`;
}

function counterParts(each: Counter): z.input<typeof counter> {
  switch (each.kind) {
    case 'requests':
    case 'tokens':
      return [each.kind, each.key, each.limit, each.windowMs];
    case 'concurrent':
      return [each.kind, each.key, each.limit];
    case 'budget':
      return budgetParts(each, noPeriod);
    default:
      return never(each);
  }
}

const noPeriod: Period = { id: '', fromMs: 0, toMs: 0 };

const budgetParts = ({ key, limit }: Pick<Counter, 'key' | 'limit'>, { id, fromMs, toMs }: Period): z.input<typeof counter> => [
  'budget',
  key,
  limit,
  id,
  fromMs,
  toMs,
];

/** Undefined for what is no whole line: a write that was cut off. */
export function parseEntry(text: string): Entry | undefined {
  const parsed = line.safeParse(parseJson(text));
  if (!parsed.success) {
    return undefined;
  }
  const parts = parsed.data;
  switch (parts[0]) {
    case 'j':
      return { what: 'journal', id: parts[1], coversFromMs: parts[2] };
    case 'k':
      return { what: 'store', store: { epoch: parts[1] ?? undefined, runId: parts[2] } };
    case 'h':
    case 's':
      return { what: parts[0] === 'h' ? 'held' : 'sum', hold: toHold(parts[1]) };
    case 'e':
      return { what: 'ended', id: parts[1], end: parts[2] === null ? 'cancel' : toAmounts(parts[2]) };
    case 'a':
      return { what: 'acknowledged', id: parts[1] };
    default:
      return never(parts);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const toAmounts = ([requests, tokens, nanoUsd]: z.output<typeof amounts>): Amounts => ({ requests, tokens, nanoUsd });

function toHold([id, atMs, held, [team, client, key, user, model], day, counters]: z.output<typeof hold>): JournalHold {
  return {
    id,
    atMs,
    amounts: toAmounts(held),
    account: { team, client, key, user, model },
    day: { id: day[0], fromMs: day[1], toMs: day[2] },
    counters: counters.map(toCounter),
  };
}

function toCounter(parts: z.output<typeof counter>): Counter {
  switch (parts[0]) {
    case 'requests':
    case 'tokens':
      return { kind: parts[0], key: parts[1], limit: parts[2], windowMs: parts[3] };
    case 'concurrent':
      return { kind: 'concurrent', key: parts[1], limit: parts[2] };
    case 'budget':
      return { kind: 'budget', key: parts[1], limit: parts[2], periods: [{ id: parts[3], fromMs: parts[4], toMs: parts[5] }] };
    default:
      return never(parts);
  }
}
