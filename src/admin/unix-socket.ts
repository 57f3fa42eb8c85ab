import { chmodSync, rmSync, statSync } from 'node:fs';
import { connect, type Server } from 'node:net';

/** The sidecar's user and group may connect; others may not. */
const socketMode = 0o660;

/** Puts `server` behind a socket of mode 0660. Throws where another process serves it, or where it cannot be made. */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  await removeStaleSocket(path);
  // The mode must be right from the moment the socket exists; a chmod afterwards would leave a gap. `listen` makes it before it returns.
  const before = process.umask(0o777 & ~socketMode);
  const listening = new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error) => {
      reject(new Error(`cannot listen on unix:${path}: is another process using it, and does its directory exist?`, { cause: error }));
    });
  });
  try {
    server.listen(path);
  } finally {
    process.umask(before);
  }
  await listening;
  chmodSync(path, socketMode);
}

/** A socket that nobody answers is what a killed process left; one that somebody answers is another process's, and stays. */
async function removeStaleSocket(path: string): Promise<void> {
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
