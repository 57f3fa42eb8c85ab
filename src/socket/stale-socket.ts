import { rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';

/** The sidecar's user and group may connect; others may not. */
export const SOCKET_MODE = 0o660;

/**
 * Makes way for a listener. A socket that nobody answers is what a killed process left; one that somebody answers is another process's, and
 * stays: throws.
 */
export async function removeStaleSocket(path: string): Promise<void> {
  if (statSync(path, { throwIfNoEntry: false })?.isSocket() !== true) {
    return;
  }
  if (await isAnswered(path)) {
    throw new Error(`cannot listen on unix:${path}: another process serves it; end that one first, or take another --instance`);
  }
  rmSync(path, { force: true });
}

const isAnswered = async (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => {
      resolve(false);
    });
  });
