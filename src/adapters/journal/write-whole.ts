import { writeSync } from 'node:fs';

/** The whole text: nearly always in one call, without a copy of it. Returns its bytes; throws the system's errors. */
export function writeWhole(descriptor: number, text: string): number {
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
