import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { never } from '../../core/assert.ts';
import { openJournalState, type JournalState } from '../../core/ledger/journal-state.ts';
import type { StoreIdentity } from '../../ports/recovery.ts';
import { parseEntry, type Entry } from './lines.ts';

/** What stands in a journal. */
export interface Read {
  readonly id: string;
  readonly known: StoreIdentity | undefined;
  readonly state: JournalState;
}

/** A line that is not whole is passed over: its write was never acknowledged to anybody. Throws the system's errors. */
export function readJournal(path: string, nowMs: number): Read {
  const state = openJournalState();
  let id: string | undefined;
  let known: StoreIdentity | undefined;
  for (const text of linesOf(path)) {
    const entry = parseEntry(text);
    if (entry?.what === 'journal') {
      ({ id } = entry);
      state.coverFrom(entry.coversFromMs);
    } else if (entry?.what === 'store') {
      known = entry.store;
    } else if (entry !== undefined) {
      note(state, entry, nowMs);
    }
  }
  if (id === undefined) {
    state.coverFrom(nowMs);
  }
  state.leave(nowMs);
  return { id: id ?? randomUUID(), known, state };
}

type Event = Exclude<Entry, { readonly what: 'journal' | 'store' }>;

function note(state: JournalState, entry: Event, nowMs: number): void {
  switch (entry.what) {
    case 'held':
      return state.held(entry.hold);
    case 'sum':
      return state.fold(entry.hold);
    case 'ended':
      return state.ended(entry.id, entry.end);
    case 'acknowledged':
      return state.acknowledged(entry.id, nowMs);
    default:
      return never(entry);
  }
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return [];
    }
    throw error;
  }
}

/** The same, to be written anew. */
export const snapshotOf = ({ id, known, state }: Read): readonly Entry[] => [
  { what: 'journal', id, coversFromMs: state.coversFromMs() },
  ...(known === undefined ? [] : [{ what: 'store', store: known } as const]),
  ...[...state.folded()].map((hold): Entry => ({ what: 'sum', hold })),
  ...state.recent().flatMap((hold): readonly Entry[] => [
    { what: 'held', hold },
    { what: 'ended', id: hold.id, end: hold.amounts },
    { what: 'acknowledged', id: hold.id },
  ]),
  ...[...state.open.values()].map((hold): Entry => ({ what: 'held', hold })),
  ...[...state.decided].map(([holdId, end]): Entry => ({ what: 'ended', id: holdId, end })),
];
