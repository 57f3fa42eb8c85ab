import { chmodSync } from 'node:fs';
import type { Server } from 'node:net';
import { removeStaleSocket, SOCKET_MODE } from '../socket/stale-socket.ts';

/** Puts `server` behind a socket of mode 0660. Throws where another process serves it, or where it cannot be made. */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  await removeStaleSocket(path);
  // The mode must be right from the moment the socket exists; a chmod afterwards would leave a gap. `listen` makes it before it returns.
  const before = process.umask(0o777 & ~SOCKET_MODE);
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
  chmodSync(path, SOCKET_MODE);
}
