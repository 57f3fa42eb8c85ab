import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { JournalError } from '../../ports/journal.ts';

export interface JournalLock {
  release(): void;
}

const busy = 5;

/**
 * Keeps every other process from the journal at `path`. Whoever opens a journal writes it anew under its name, so a process that still runs would
 * go on writing into a file that nobody finds again. The system takes the lock back when the process ends, in whatever way. Throws
 * `JournalError` that says what to do.
 */
export function lockJournal(path: string): JournalLock {
  // Node cannot lock a file; SQLite can.
  let file: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    file = new DatabaseSync(`${path}.lock`, { timeout: 0 });
    file.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    file?.close();
    throw new JournalError(problemOf(path, error));
  }
  const locked = file;
  return {
    release: () => {
      locked.close();
    },
  };
}

function problemOf(path: string, error: unknown): string {
  if (error instanceof Error && 'errcode' in error && error.errcode === busy) {
    return `another process writes the journal ${path}; wait until it has ended, or take another --instance`;
  }
  return `the journal ${path} cannot be locked (${error instanceof Error ? error.message : 'unknown'}): see that its directory may be written`;
}
