import { chmodSync, readFileSync } from 'node:fs';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { must } from '../core/assert.ts';
import { removeStaleSocket, SOCKET_MODE } from '../socket/stale-socket.ts';
import { forNamedClients, type ServedService } from './named-clients.ts';

/** Where a gRPC server listens: a unix socket (the group may connect), or TCP with mutual TLS and named clients. */
export type Listener =
  | { readonly kind: 'unix'; readonly path: string }
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly certificate: string;
      readonly clientCa: string;
      readonly clients: readonly string[];
    };

export interface GrpcServer {
  /** Port of a TCP listener; 0 for a unix socket. */
  readonly port: number;
  /** Refuses new connections and waits for open streams, at most `graceMs`; then cuts what is left. True where nothing was cut. */
  drain(graceMs: number): Promise<boolean>;
}

const windowBytes = 1_048_576;

/** At once, and again each second: more than Envoy can pass on. */
const streamResetsMax = 1_000_000;

/** For connections that were cut to be gone. */
const closeMsMax = 1_000;

export async function openGrpcServer(listener: Listener, services: readonly ServedService[], messageBytesMax: number): Promise<GrpcServer> {
  const server = new Server({
    'grpc.max_receive_message_length': messageBytesMax,
    'grpc.max_send_message_length': messageBytesMax,
    'grpc-node.flow_control_window': windowBytes,
    'grpc.enable_channelz': 0,
  });
  tolerateResets(server);
  for (const service of listener.kind === 'tcp' ? forNamedClients(services, listener.clients) : services) {
    server.addService(service.definition, service.implementation);
  }
  const port = await bind(server, listener);
  return { port, drain: async (graceMs) => drain(server, addressOf(listener, port), graceMs) };
}

/**
 * A request that its client cancels during `Check` is a reset here. After 1,000 of them Node would end the connection and every
 * stream on it, so anyone at the edge, without a credential, could cut everybody's answers. The peer is our own Envoy, which
 * limits what clients reset. grpc-js has no option for it.
 */
function tolerateResets(server: Server): void {
  const options: unknown = Reflect.get(server, 'commonServerOptions');
  must(typeof options === 'object' && options !== null, 'grpc-js keeps the options of its HTTP/2 servers in commonServerOptions');
  Object.assign(options, { streamResetBurst: streamResetsMax, streamResetRate: streamResetsMax });
}

function addressOf(listener: Listener, port: number): string {
  if (listener.kind === 'unix') {
    return `unix:${listener.path}`;
  }
  return `${listener.host.includes(':') ? `[${listener.host}]` : listener.host}:${String(port)}`;
}

async function bind(server: Server, listener: Listener): Promise<number> {
  if (listener.kind === 'unix') {
    await removeStaleSocket(listener.path);
    // The mode must be right from the moment the socket exists; a chmod afterwards would leave a gap.
    const before = process.umask(0o777 & ~SOCKET_MODE);
    try {
      await bindAddress(server, addressOf(listener, 0), ServerCredentials.createInsecure());
    } finally {
      process.umask(before);
    }
    chmodSync(listener.path, SOCKET_MODE);
    return 0;
  }
  const pem = readFileSync(listener.certificate);
  const credentials = ServerCredentials.createSsl(readFileSync(listener.clientCa), [{ cert_chain: pem, private_key: pem }], true);
  return bindAddress(server, addressOf(listener, listener.port), credentials);
}

const bindAddress = async (server: Server, address: string, credentials: ServerCredentials): Promise<number> =>
  new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (error === null) {
        resolve(port);
      } else {
        reject(new Error(`cannot listen on ${address}: is another process using it, and does its directory exist?`, { cause: error }));
      }
    });
  });

async function drain(server: Server, address: string, graceMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    let whole = true;
    // Ends connections after the grace time; `forceShutdown` would end none, because it knows them through channelz only.
    server.drain(address, graceMs);
    const cut = setTimeout(() => {
      whole = false;
    }, graceMs);
    const giveUp = setTimeout(resolve, graceMs + closeMsMax, false);
    // Stops listening, and calls back when the last connection is gone.
    server.tryShutdown(() => {
      clearTimeout(cut);
      clearTimeout(giveUp);
      resolve(whole);
    });
  });
}
