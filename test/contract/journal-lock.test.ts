import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { lockJournal } from '../../src/adapters/journal/lock.ts';
import { JournalError } from '../../src/ports/journal.ts';
import { makeTempDir } from '../support/temp-dir.ts';

it('a journal has one process at a time, and the next when that one lets go', () => {
  using directory = makeTempDir();
  const path = directory.file('journals/journal-0.jsonl');
  const first = lockJournal(path);
  expect(() => lockJournal(path)).toThrow(/another process writes the journal .*journal-0\.jsonl; wait until it has ended/);
  lockJournal(directory.file('journals/journal-1.jsonl')).release();
  first.release();
  lockJournal(path).release();
});

it('a journal that cannot be locked is not opened', () => {
  using directory = makeTempDir();
  writeFileSync(directory.file('taken'), '');
  const lock = (): unknown => lockJournal(directory.file('taken/journal-0.jsonl'));
  expect(lock).toThrow(JournalError);
  expect(lock).toThrow(/cannot be locked \(.*\): see that its directory may be written/);
});
