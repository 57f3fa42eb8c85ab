import { Buffer } from 'node:buffer';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { decodeUtf8 } from './fetch-text.ts';
import { TokenKeysError } from '../../ports/token-keys.ts';

/** Reads a small text file whole. Throws `TokenKeysError`. */
export async function readTextFile(path: string, bytesMax: number): Promise<string> {
  try {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(bytesMax + 1), 0, bytesMax + 1, 0);
      if (bytesRead > bytesMax) {
        throw new TokenKeysError('too_large');
      }
      return decodeUtf8(buffer.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  } catch (error) {
    throw error instanceof TokenKeysError ? error : new TokenKeysError('unreachable', error);
  }
}
