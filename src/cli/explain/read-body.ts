import { Buffer } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { UsageError } from '../arguments.ts';

/** A file, or for `-` what `stdin` says. Of a body over `bytesMax` one byte more, which is enough to refuse it. Throws `UsageError`. */
export async function readBody(name: string, stdin: () => AsyncIterable<Uint8Array>, bytesMax: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of name === '-' ? stdin() : chunksOf(name)) {
      pieces.push(piece);
      length += piece.length;
      if (length > bytesMax) {
        break;
      }
    }
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'an error';
    throw new UsageError(`--body cannot be read (${why}): name a file with the body of a request, or "-" for standard input`);
  }
  return Buffer.concat(pieces).subarray(0, bytesMax + 1);
}

async function* chunksOf(path: string): AsyncIterable<Uint8Array> {
  for await (const piece of createReadStream(path)) {
    yield Buffer.from(piece);
  }
}
