import type { JournalHold } from '../../core/ledger/journal-hold.ts';

/**
 * A store answers several questions at once, and a write costs the same for all of them: holds that are noted in one turn of the event loop
 * are written together. Resolves when they are written; rejects for all of them with what `write` throws.
 */
export function openHeldWriter(write: (holds: readonly JournalHold[]) => void): (hold: JournalHold) => Promise<void> {
  let waiting: JournalHold[] = [];
  let writing: Promise<void> | undefined;
  const writeAll = (): void => {
    const holds = waiting;
    waiting = [];
    writing = undefined;
    write(holds);
  };
  return (hold) => {
    waiting.push(hold);
    // After all that wait for answers of the same message: they are woken up one after the other.
    writing ??= Promise.resolve().then(writeAll);
    return writing;
  };
}
