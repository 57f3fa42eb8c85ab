import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HealthSource {
  /** The process is up and its event loop turns. */
  readonly ready: () => Readiness;
  /** Prometheus text. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

/** Names of parts and whether each is ready: no path, no key, no environment, no message. */
export interface Readiness {
  readonly ready: boolean;
  readonly parts: Readonly<Record<string, boolean>>;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

const requestMsMax = 5_000;

/** `/healthz`, `/readyz`, `/metrics`, and nothing else. */
export async function openHealthServer(host: string, port: number, source: HealthSource): Promise<HealthServer> {
  const server = createServer({ requestTimeout: requestMsMax, headersTimeout: requestMsMax }, (request, response) => {
    void answer(request, response, source);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: portOf(server.address()),
    close: async () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

const portOf = (address: AddressInfo | string | null): number => (typeof address === 'object' && address !== null ? address.port : 0);

async function answer(request: IncomingMessage, response: ServerResponse, source: HealthSource): Promise<void> {
  if (request.method !== 'GET') {
    send(response, 405, 'text/plain', 'method not allowed\n');
    return;
  }
  switch (request.url ?? '') {
    case '/healthz':
      send(response, 200, 'text/plain', 'ok\n');
      return;
    case '/readyz': {
      const readiness = source.ready();
      send(response, readiness.ready ? 200 : 503, 'application/json', `${JSON.stringify(readiness)}\n`);
      return;
    }
    case '/metrics': {
      const { contentType, text } = await source.metrics();
      send(response, 200, contentType, text);
      return;
    }
    default:
      send(response, 404, 'text/plain', 'not found\n');
  }
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' }).end(body);
}
