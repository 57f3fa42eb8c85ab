import type { AppendFile } from './append-file.ts';
import { encodeEntry, type Entry } from './lines.ts';

/** Lines about ends that wait for a disk that is full; of further ones the holds are charged in full after a restart. */
const waitingMax = 100_000;

/** Most of them go along with the next line that somebody waits for. */
const soonMs = 10;

/** Lines that somebody waits for are written at once, others with them or within 10 ms. */
export interface LineWriter {
  /** All in one write. Throws the system's errors. */
  now(entries: readonly Entry[]): void;
  /** Never throws: what could not be written is written with the next line. */
  soon(entry: Entry): void;
  /** False after a write that failed, until one succeeds. */
  healthy(): boolean;
  close(): void;
}

export function openLineWriter(file: Pick<AppendFile, 'append' | 'close'>): LineWriter {
  let waiting: string[] = [];
  let isHealthy = true;
  let timer: NodeJS.Timeout | undefined;

  const sleep = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  const flush = (lines = ''): void => {
    const text = waiting.join('') + lines;
    if (text !== '') {
      isHealthy = false;
      file.append(text);
      waiting = [];
      isHealthy = true;
    }
    // Nothing is left to wake up for.
    sleep();
  };
  const flushIfPossible = (): void => {
    sleep();
    try {
      flush();
    } catch {
      // `healthy` says so until the next line is written.
    }
  };

  return {
    now: (entries) => {
      flush(entries.map(encodeEntry).join(''));
    },
    soon: (entry) => {
      if (waiting.length < waitingMax) {
        waiting.push(encodeEntry(entry));
      }
      timer ??= setTimeout(flushIfPossible, soonMs).unref();
    },
    healthy: () => isHealthy,
    close: () => {
      flushIfPossible();
      waiting = [];
      file.close();
    },
  };
}
