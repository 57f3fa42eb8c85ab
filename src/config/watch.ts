import { createHash } from 'node:crypto';
import { readFileSync, unwatchFile, watchFile } from 'node:fs';

const pollMs = 1_000;

/**
 * Calls `changed` whenever the content of `file` is another one; also where it is reached through links that are swapped, as
 * Kubernetes does with mounted files. `now` looks at once. Stops with `close`.
 */
export function watchContent(file: string, changed: () => void): { now(): void; close(): void } {
  let seen = digestOf(file);
  const look = (): void => {
    const digest = digestOf(file);
    if (digest !== undefined && digest !== seen) {
      seen = digest;
      changed();
    }
  };
  watchFile(file, { interval: pollMs, persistent: false }, look);
  return {
    now() {
      // Asked for by name, so it counts even where nothing differs: what the file refers to may have changed.
      seen = digestOf(file);
      changed();
    },
    close() {
      unwatchFile(file, look);
    },
  };
}

/** Undefined while the file is away: in the middle of being replaced, or gone, which keeps the old settings. */
function digestOf(file: string): string | undefined {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  } catch {
    return undefined;
  }
}
