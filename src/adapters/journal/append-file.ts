import { closeSync, openSync } from 'node:fs';
import { writeWhole } from './write-whole.ts';

/** A file that only grows. */
export interface AppendFile {
  /** Hands the text to the operating system: it outlives this process, not a power cut. Throws the system's errors. */
  append(text: string): void;
  /** Bytes handed over so far. */
  bytes(): number;
  close(): void;
}

export function openAppendFile(path: string): AppendFile {
  const descriptor = openSync(path, 'a', 0o600);
  let bytes = 0;
  // What comes after a write that failed half-way begins a line of its own.
  let isTorn = false;
  return {
    append: (text) => {
      const whole = isTorn ? `\n${text}` : text;
      isTorn = true;
      bytes += writeWhole(descriptor, whole);
      isTorn = false;
    },
    bytes: () => bytes,
    close: () => {
      closeSync(descriptor);
    },
  };
}
