import { z } from 'zod';
import type { StoreIdentity } from './recovery.ts';

/** What an operator accepted, in the store that it is about. */
export interface Accepted {
  readonly store: StoreIdentity;
  /** Who counted on one of these goes on with `store`. */
  readonly succeeds: readonly StoreIdentity[];
  /** Until then the store has everything, by its own clock; 0 where it had nothing. */
  readonly sinceMs: number;
  readonly reason: string;
  readonly atMs: number;
}

/** One counter, as a journal has told it again. */
export interface RestoredCounter {
  readonly kind: 'requests' | 'tokens' | 'concurrent' | 'budget';
  readonly key: string;
  /** When the window or period that counts began, by the store's clock; undefined for exchanges in progress. */
  readonly fromMs: number | undefined;
  readonly limit: number;
  /** What was told again. */
  readonly restored: number;
}

/** What the journal of one process has told again. */
export interface Report {
  /** Of the process, for people. */
  readonly name: string;
  /** The store that the process counted on. */
  readonly before: StoreIdentity;
  readonly sinceMs: number;
  readonly atMs: number;
  /** Everything since then was told, by the store's clock; 0 = everything that was lost. */
  readonly coversFromMs: number;
  readonly holds: number;
  /** Those that are fullest first. */
  readonly counters: readonly RestoredCounter[];
  /** Counters beside them, which are not listed. */
  readonly unlisted: number;
}

/** Names of the notes in the store. */
export const acceptedNote = 'accepted';
const journalPrefix = 'journal:';
export const journalNote = (id: string): string => journalPrefix + id;
export const isJournalNote = (name: string): boolean => name.startsWith(journalPrefix);

const count = z.number().min(0);
const identity = z.object({ epoch: z.string().optional(), runId: z.string() });
const acceptedSchema = z.object({ store: identity, succeeds: z.array(identity), sinceMs: count, reason: z.string(), atMs: count });
const counterSchema = z.object({
  kind: z.enum(['requests', 'tokens', 'concurrent', 'budget']),
  key: z.string(),
  fromMs: count.optional(),
  limit: count,
  restored: count,
});
const reportSchema = z.object({
  name: z.string(),
  before: identity,
  sinceMs: count,
  atMs: count,
  coversFromMs: count,
  holds: count,
  counters: z.array(counterSchema),
  unlisted: count,
});

const toIdentity = ({ epoch, runId }: z.output<typeof identity>): StoreIdentity => ({ epoch, runId });

export const encodeNote = (note: Accepted | Report): string => JSON.stringify(note);

/** Undefined for what is no such note: nothing was accepted then. */
export function parseAccepted(text: string | undefined): Accepted | undefined {
  const { data } = acceptedSchema.safeParse(parseJson(text));
  return data && { ...data, store: toIdentity(data.store), succeeds: data.succeeds.map(toIdentity) };
}

/** Undefined for what is no such note: the journal tells it again then. */
export function parseReport(text: string | undefined): Report | undefined {
  const { data } = reportSchema.safeParse(parseJson(text));
  return (
    data && {
      ...data,
      before: toIdentity(data.before),
      counters: data.counters.map(({ kind, key, fromMs, limit, restored }) => ({ kind, key, fromMs, limit, restored })),
    }
  );
}

function parseJson(text = ''): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
