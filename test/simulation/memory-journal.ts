import type { Amounts } from '../../src/core/limit.ts';

/** What outlives a process: how the holds ended whose end the store has not acknowledged. */
export interface MemoryJournal {
  held(): void;
  ended(id: string, end: Amounts | 'cancel'): void;
  acknowledged(id: string): void;
  unacknowledged(): ReadonlyMap<string, Amounts | 'cancel'>;
}

export function openMemoryJournal(): MemoryJournal {
  const ends = new Map<string, Amounts | 'cancel'>();
  return {
    held: () => undefined,
    ended: (id, end) => {
      ends.set(id, end);
    },
    acknowledged: (id) => {
      ends.delete(id);
    },
    unacknowledged: () => new Map(ends),
  };
}
