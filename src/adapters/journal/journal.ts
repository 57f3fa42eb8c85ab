import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { JournalHold } from '../../core/ledger/journal-hold.ts';
import { JournalError, type GrantedHold, type Journal } from '../../ports/journal.ts';
import { openAppendFile, type AppendFile } from './append-file.ts';
import { contentsOf } from './contents.ts';
import { openHeldWriter } from './held-writer.ts';
import { openLineWriter } from './line-writer.ts';
import type { Entry } from './lines.ts';
import { readJournal, snapshotOf } from './read-journal.ts';
import { openRewritten } from './rewritten-file.ts';

/** When it has grown by so much, the file is written anew, without what does not matter any more: it stays below 64 MiB. */
const grownBytesMax = 16_777_216;
/** The store's clock may be behind this machine's by so much before something is dropped too early. */
const skewMs = 60_000;

export interface JournalOptions {
  /** One process at a time. Made with its directory where it is missing (0600 and 0700). */
  readonly path: string;
  readonly clock: Clock;
  /** For tests. */
  readonly openFile?: (path: string) => AppendFile;
  readonly grownBytes?: number;
}

/** Opens the journal of a process that may have been killed. Throws `JournalError` that says what to do. */
export function openJournal({ path, clock, openFile = openAppendFile, grownBytes = grownBytesMax }: JournalOptions): Journal {
  const read = orSay(path, () => readJournal(path, clock()));
  const { id, state } = read;
  const unacknowledged = new Map(state.decided);
  let { known } = read;
  let isClosed = false;
  const snapshot = (): readonly Entry[] => {
    state.prune(clock() - skewMs);
    return snapshotOf({ id, known, state });
  };
  const writer = orSay(path, () => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return openLineWriter(openRewritten({ path, openFile, grownBytes, snapshot }));
  });
  const write = (entries: readonly Entry[]): void => {
    mustBeOpen(path, isClosed);
    orSay(path, () => {
      writer.now(entries);
    });
  };
  const writeSoon = (entry: Entry): void => {
    if (!isClosed) {
      writer.soon(entry);
    }
  };
  const writeHeld = openHeldWriter((holds) => {
    write(holds.map((hold) => ({ what: 'held', hold })));
    for (const hold of holds) {
      state.held(hold);
    }
  });

  return {
    id,
    held: (hold) => writeHeld(toJournal(hold)),
    ended: (holdId, end) => {
      state.ended(holdId, end);
      writeSoon({ what: 'ended', id: holdId, end });
    },
    acknowledged: (holdId) => {
      state.acknowledged(holdId, clock());
      writeSoon({ what: 'acknowledged', id: holdId });
    },
    unacknowledged: () => unacknowledged,
    known: () => known,
    know: (store) => {
      known = store;
      write([{ what: 'store', store }]);
    },
    contents: (which) => contentsOf(state, which),
    healthy: () => writer.healthy(),
    close: () => {
      if (!isClosed) {
        isClosed = true;
        writer.close();
      }
    },
  };
}

const always = { id: '', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

const toJournal = ({ id, atMs, counters, amounts, account, days }: GrantedHold): JournalHold => ({
  id,
  atMs,
  counters,
  amounts,
  account,
  day: days.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs) ?? always,
});

function mustBeOpen(path: string, isClosed: boolean): void {
  if (isClosed) {
    throw new JournalError(`the journal ${path} is closed`);
  }
}

function orSay<Found>(path: string, work: () => Found): Found {
  try {
    return work();
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown';
    throw new JournalError(`the journal ${path} cannot be written (${why}): make room on its disk, and see that it may be written`);
  }
}
