import { createHmac, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { confirmGone, parseSecretContent, secretBytesMax } from '../../ports/secret-reading.ts';
import { SecretError, type SecretAnswer, type SecretReference, type SecretSource } from '../../ports/secret-source.ts';

const versionHexCharacters = 16;
const everyoneMayRead = 0o004;

export interface FileSourceOptions {
  /** What `file:./relative` is relative to. */
  readonly baseDirectory: string;
  /** Between a missing file and the read that confirms it. */
  readonly confirmAfterMs?: number;
  /** Called once for each file that everyone on the machine may read. */
  readonly onReadableByOthers?: (path: string) => void;
}

/**
 * Secrets in files, as Kubernetes and Docker mount them; symbolic links are followed at every read, so the swap of `..data`
 * is a rotation. A missing file in a directory that is there is `gone`; a missing directory is a volume that is not mounted.
 */
export function openFileSource(options: FileSourceOptions): SecretSource {
  const { baseDirectory, confirmAfterMs = 250, onReadableByOthers } = options;
  const versionKey = randomBytes(32);
  const warned = new Set<string>();

  const inspectMode = (path: string, mode: number): void => {
    if ((mode & everyoneMayRead) !== 0 && !warned.has(path)) {
      warned.add(path);
      onReadableByOthers?.(path);
    }
  };

  const read = async (path: string, field: string | undefined): Promise<SecretAnswer> => {
    const content = await readContent(path, inspectMode);
    if (content === undefined) {
      return { kind: 'gone' };
    }
    const value = parseSecretContent(content, field);
    const version = createHmac('sha256', versionKey).update(value.reveal()).digest('hex').slice(0, versionHexCharacters);
    return { kind: 'found', current: { version, value }, previous: undefined };
  };

  return {
    fetch: async (reference: SecretReference, signal: AbortSignal): Promise<SecretAnswer> => {
      if (signal.aborted) {
        throw new SecretError('timeout');
      }
      const path = resolve(baseDirectory, reference.path);
      return confirmGone(() => read(path, reference.field), confirmAfterMs, signal);
    },
  };
}

/** Undefined where the file is not there, as far as one look can tell. */
async function readContent(path: string, inspectMode: (path: string, mode: number) => void): Promise<Uint8Array | undefined> {
  let handle: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const status = await handle.stat();
    if (!status.isFile()) {
      throw new SecretError('bad_value', 'not a regular file');
    }
    inspectMode(path, status.mode);
    return await readBounded(handle);
  } catch (error) {
    const failure = translate(error);
    if (failure !== 'missing') {
      throw failure;
    }
    await mustBeMounted(dirname(path));
    return undefined;
  } finally {
    await handle?.close();
  }
}

/** A file may grow while it is read, so its stated size decides nothing. */
async function readBounded(handle: FileHandle): Promise<Uint8Array> {
  const buffer = Buffer.alloc(secretBytesMax + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
    length += bytesRead;
    if (length > secretBytesMax) {
      throw new SecretError('bad_value', 'too large');
    }
    if (bytesRead === 0) {
      return buffer.subarray(0, length);
    }
  }
}

async function mustBeMounted(directory: string): Promise<void> {
  try {
    await stat(directory);
  } catch {
    throw new SecretError('unreachable', 'directory missing');
  }
}

function translate(error: unknown): SecretError | 'missing' {
  if (error instanceof SecretError) {
    return error;
  }
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') {
    return 'missing';
  }
  return new SecretError(code === 'EACCES' || code === 'EPERM' ? 'access_denied' : 'unreachable', code);
}
