import { openQueue } from '../queue.ts';
import { openFoldedHolds } from './folded-holds.ts';
import type { EndedHold, JournalHold } from './journal-hold.ts';
import type { HoldEnd } from './restore.ts';

/** Ended holds are kept one by one for this long, for a store that has lost its last writes. */
export const recentMsMax = 60_000;
/** Beyond this the oldest are added up earlier. */
const recentMax = 10_000;

/** What a journal says happened. */
export interface JournalState {
  readonly open: ReadonlyMap<string, JournalHold>;
  /** Decided, and not acknowledged by the store. */
  readonly decided: ReadonlyMap<string, HoldEnd>;
  /** Acknowledged within the last minute, the earliest first. */
  recent(): readonly EndedHold[];
  /** Sums of the others. */
  folded(): Iterable<EndedHold>;
  /** Everything since then is here. */
  coversFromMs(): number;
  /** Everything since then is kept one by one. */
  recentFromMs(): number;
  held(hold: JournalHold): void;
  ended(id: string, end: HoldEnd): void;
  /** `nowMs`: of any clock that goes on. */
  acknowledged(id: string, nowMs: number): void;
  /** Holds of a process that is gone: their end is not known, so they are charged in full. */
  leave(nowMs: number): void;
  fold(hold: EndedHold): void;
  /** Everything from before is given up. */
  coverFrom(atMs: number): void;
  /** Drops what no window, budget or recent day counts any more. */
  prune(nowMs: number): void;
}

export function openJournalState(): JournalState {
  const open = new Map<string, JournalHold>();
  const decided = new Map<string, HoldEnd>();
  const recent = openQueue<{ readonly hold: EndedHold; readonly sinceMs: number }>();
  const folded = openFoldedHolds();
  let givenUpToMs = 0;

  const keep = (hold: EndedHold, nowMs: number): void => {
    recent.push({ hold, sinceMs: nowMs });
    let oldest = recent.first();
    while (oldest !== undefined && (recent.size() > recentMax || oldest.sinceMs <= nowMs - recentMsMax)) {
      recent.drop();
      // A name of its own: the hold itself may be known where its sum is not.
      folded.add({ ...oldest.hold, id: `sum:${oldest.hold.id}` });
      oldest = recent.first();
    }
  };

  return {
    open,
    decided,
    recent: () => recent.values().map(({ hold }) => hold),
    folded: () => folded.values(),
    coversFromMs: () => Math.max(givenUpToMs, folded.wholeFromMs()),
    recentFromMs: () => Math.max(givenUpToMs, folded.apartFromMs()),
    held: (hold) => {
      open.set(hold.id, hold);
    },
    ended: (id, end) => {
      decided.set(id, end);
    },
    acknowledged: (id, nowMs) => {
      const hold = open.get(id);
      const end = decided.get(id);
      open.delete(id);
      decided.delete(id);
      if (hold !== undefined && end !== undefined && end !== 'cancel') {
        keep({ ...hold, amounts: end }, nowMs);
      }
    },
    leave: (nowMs) => {
      for (const [id, hold] of open) {
        if (!decided.has(id)) {
          open.delete(id);
          keep(hold, nowMs);
        }
      }
    },
    fold: (hold) => {
      folded.add(hold);
    },
    coverFrom: (atMs) => {
      givenUpToMs = Math.max(givenUpToMs, atMs);
    },
    prune: (nowMs) => {
      folded.prune(nowMs);
    },
  };
}
