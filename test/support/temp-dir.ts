import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempDir extends Disposable {
  readonly path: string;
  /** A path in the directory; short enough for a unix socket where the name is. */
  readonly file: (name: string) => string;
  readonly remove: () => void;
}

const suffixBytes = 4;

/** A fresh directory, removed by `remove`, by `using`, or at the latest when the process exits. */
export function makeTempDir(): TempDir {
  // Small letters: one in a hundred names of `mkdtemp` makes a path in the settings look like a pasted secret.
  const path = join(tmpdir(), `sp-${randomBytes(suffixBytes).toString('hex')}`);
  mkdirSync(path, { mode: 0o700 });
  const remove = (): void => {
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true });
  };
  process.on('exit', remove);
  return { path, file: (name) => join(path, name), remove, [Symbol.dispose]: remove };
}
