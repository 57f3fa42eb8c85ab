import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempDir extends Disposable {
  readonly path: string;
  /** A path in the directory; short enough for a unix socket where the name is. */
  readonly file: (name: string) => string;
  readonly remove: () => void;
}

/** A fresh directory, removed by `remove`, by `using`, or at the latest when the process exits. */
export function makeTempDir(): TempDir {
  const path = mkdtempSync(join(tmpdir(), 'sp-'));
  const remove = (): void => {
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true });
  };
  process.on('exit', remove);
  return { path, file: (name) => join(path, name), remove, [Symbol.dispose]: remove };
}
