import { closeSync, openSync, writeSync } from 'node:fs';

/** A file that only grows. */
export interface AppendFile {
  /** Hands the text to the operating system: it outlives this process, not a power cut. Throws the system's errors. */
  append(text: string): void;
  /** Bytes handed over so far. */
  bytes(): number;
  close(): void;
}

/** Nearly always in one call, without a copy of the text; returns its bytes. */
function writeWhole(descriptor: number, text: string): number {
  const first = writeSync(descriptor, text);
  const bytes = Buffer.byteLength(text);
  if (first < bytes) {
    const data = Buffer.from(text);
    for (let from = first; from < bytes;) {
      from += writeSync(descriptor, data, from);
    }
  }
  return bytes;
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
