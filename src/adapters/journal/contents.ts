import type { EndedHold, JournalHold } from '../../core/ledger/journal-hold.ts';
import type { JournalState } from '../../core/ledger/journal-state.ts';
import type { HoldEnd, RestoredHold } from '../../core/ledger/restore.ts';
import type { JournalContents } from '../../ports/journal.ts';

/** Of an open hold that is told again: its process renews it, if it is still there. */
const leaseMs = 30_000;

/** What a store is told again, the earliest first. */
export function contentsOf(state: JournalState, which: 'all' | 'recent'): JournalContents {
  const sums = which === 'all' ? [...state.folded()].map(ended) : [];
  const open = [...state.open.values()].map((hold) => restored(hold, state.decided.get(hold.id)));
  return {
    holds: [...sums, ...state.recent().map(ended), ...open].toSorted((left, right) => left.atMs - right.atMs),
    coversFromMs: which === 'all' ? state.coversFromMs() : state.recentFromMs(),
  };
}

const ended = (hold: EndedHold): RestoredHold => restored(hold, hold.amounts);

const restored = ({ id, atMs, counters, amounts, account, day }: JournalHold, end: HoldEnd | undefined): RestoredHold => ({
  id,
  atMs,
  counters,
  amounts,
  account,
  days: [day],
  leaseMs,
  end,
});
