import { createServer } from 'node:http';
import { sendAnswer } from './admin-answer.ts';
import { answerCall } from './admin-call.ts';
import type { AdminSource } from './admin-source.ts';
import { listenOnSocket } from './unix-socket.ts';

/** For the head of a call to arrive. */
const headersMsMax = 5_000;
/** For the whole of it. */
const requestMsMax = 10_000;
/** How often Node looks for calls that are over time; its default is half a minute. */
const checkMs = 1_000;
const headerBytesMax = 8 * 1_024;
const connectionsMax = 64;
/** For calls in progress when the process ends: their writes are a matter of milliseconds. */
const closeMsMax = 2_000;

export interface AdminServer {
  /** Takes no more calls, and waits a little for those in progress. */
  close(): Promise<void>;
}

/** The admin API on a unix socket of mode 0660. Throws where the socket cannot be had. */
export async function openAdminServer(path: string, source: AdminSource): Promise<AdminServer> {
  const limits = { headersTimeout: headersMsMax, requestTimeout: requestMsMax, connectionsCheckingInterval: checkMs };
  const server = createServer({ ...limits, maxHeaderSize: headerBytesMax }, (request, response) => {
    answerCall(source, request).then(
      (answer) => {
        sendAnswer(response, answer);
      },
      // It never throws; a defect there must not end the process that decides about requests.
      () => response.destroy(),
    );
  });
  // Bounded by their bytes. Node would drop those over a count without a word, a second credential among them.
  server.maxHeadersCount = 0;
  server.maxConnections = connectionsMax;
  await listenOnSocket(server, path);
  // A connection that cannot be taken (no descriptor left) is the caller's loss, not the end of the process.
  server.on('error', () => undefined);
  return {
    close: async () => {
      const cut = setTimeout(() => {
        server.closeAllConnections();
      }, closeMsMax);
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      clearTimeout(cut);
    },
  };
}
