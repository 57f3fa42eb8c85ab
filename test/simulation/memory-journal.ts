import type { HoldEnd } from '../../src/core/ledger/restore.ts';
import type { GrantedHold } from '../../src/ports/journal.ts';

/** What outlives a process: holds whose end the store has not acknowledged, and how they ended. */
export interface MemoryJournal {
  held(hold: GrantedHold): Promise<void>;
  ended(id: string, end: HoldEnd): void;
  acknowledged(id: string): void;
  unacknowledged(): ReadonlyMap<string, HoldEnd>;
  find(id: string): GrantedHold | undefined;
}

export function openMemoryJournal(): MemoryJournal {
  const holds = new Map<string, GrantedHold>();
  const ends = new Map<string, HoldEnd>();
  return {
    held: (hold) => {
      holds.set(hold.id, hold);
      return Promise.resolve();
    },
    ended: (id, end) => {
      ends.set(id, end);
    },
    acknowledged: (id) => {
      holds.delete(id);
      ends.delete(id);
    },
    unacknowledged: () => new Map(ends),
    find: (id) => holds.get(id),
  };
}
