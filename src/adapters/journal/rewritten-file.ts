import { closeSync, openSync, renameSync } from 'node:fs';
import type { AppendFile } from './append-file.ts';
import { encodeEntry, type Entry } from './lines.ts';
import { writeWhole } from './write-whole.ts';

/** Entries of the new file that are written in one turn of the event loop: about a millisecond. */
const entriesATurn = 200;
const entriesATurnAtStart = 5_000;

export interface RewrittenOptions {
  readonly path: string;
  readonly openFile: (path: string) => AppendFile;
  /** The file is written anew when it has grown by so much. */
  readonly grownBytes: number;
  /** Everything that matters now. */
  readonly snapshot: () => readonly Entry[];
}

/** A new file under way: what matters, then what was appended meanwhile. */
interface Rewriting {
  readonly descriptor: number;
  readonly entries: readonly Entry[];
  written: number;
  since: string;
}

/**
 * A file that only grows, and is written anew from time to time while it goes on to grow. The new file takes the name when it is whole: a
 * process that is killed meanwhile leaves the old one as it is. Throws the system's errors.
 */
export function openRewritten({ path, openFile, grownBytes, snapshot }: RewrittenOptions): Pick<AppendFile, 'append' | 'close'> {
  const whole = begin(path, snapshot());
  while (!isOver(whole)) {
    writeSome(whole, entriesATurnAtStart);
  }
  let file = finish(path, whole, openFile);
  let rewriting: Rewriting | undefined;
  let nextBytes = grownBytes;
  let isClosed = false;

  const orGiveUp = (work: () => void): void => {
    try {
      work();
    } catch {
      // A disk without room: the old file goes on, and this is tried again when that has grown further.
      if (rewriting !== undefined) {
        closeSync(rewriting.descriptor);
        rewriting = undefined;
      }
      nextBytes = file.bytes() + grownBytes;
    }
  };
  const goOn = (): void => {
    if (rewriting === undefined || isClosed) {
      return;
    }
    writeSome(rewriting, entriesATurn);
    if (!isOver(rewriting)) {
      setImmediate(orGiveUp, goOn);
      return;
    }
    const next = finish(path, rewriting, openFile);
    rewriting = undefined;
    file.close();
    file = next;
    nextBytes = grownBytes;
  };

  return {
    append: (text) => {
      // Before the line is written: what it says is not among what matters yet.
      if (rewriting === undefined && file.bytes() > nextBytes) {
        orGiveUp(() => {
          rewriting = begin(path, snapshot());
          setImmediate(orGiveUp, goOn);
        });
      }
      file.append(text);
      if (rewriting !== undefined) {
        rewriting.since += text;
      }
    },
    close: () => {
      isClosed = true;
      file.close();
    },
  };
}

const begin = (path: string, entries: readonly Entry[]): Rewriting => ({
  descriptor: openSync(`${path}.new`, 'w', 0o600),
  entries,
  written: 0,
  since: '',
});

const isOver = ({ entries, written }: Rewriting): boolean => written >= entries.length;

function writeSome(rewriting: Rewriting, count: number): void {
  const some = rewriting.entries.slice(rewriting.written, rewriting.written + count);
  writeWhole(rewriting.descriptor, some.map(encodeEntry).join(''));
  rewriting.written += some.length;
}

/** Opened before it takes the name: from then on the old file is nobody's. */
function finish(path: string, { descriptor, since }: Rewriting, openFile: RewrittenOptions['openFile']): AppendFile {
  writeWhole(descriptor, since);
  const file = openFile(`${path}.new`);
  renameSync(`${path}.new`, path);
  closeSync(descriptor);
  return file;
}
