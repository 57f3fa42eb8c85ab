import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { ApiFamily } from '../../core/operation.ts';
import { answerAnthropic } from './anthropic.ts';
import { answerOpenAi } from './openai.ts';
import { json, singleHeader, type Account, type Answer, type Call, type Header, type RecordedRequest } from './provider-answer.ts';

const bodyBytesMax = 64 * 1_024 * 1_024;
const headerBytesMax = 64 * 1_024;
const requestsKeptDefault = 1_000;
// A burst of connections that overflows the queue waits a second for its next attempt.
const backlogMax = 4_096;

/** One request and the way to its answer. */
export interface Exchange {
  readonly request: RecordedRequest;
  readonly response: ServerResponse;
  /** Reads the body to its end, once, and gives the plain answer. Throws when the connection goes away meanwhile. */
  readonly answer: () => Promise<Answer>;
}

export interface LocalProviderOptions {
  readonly apis: readonly ApiFamily[];
  readonly key: string | readonly string[];
  /** Names this provider knows; any other is answered "not found". */
  readonly models: readonly string[];
  /** PEM. Without it the provider speaks plain HTTP. */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
  /** Starts with a slash and does not end in one; everything is served below it. */
  readonly basePath?: string | undefined;
  /** Requests remembered; older ones are forgotten. */
  readonly requestsKept?: number | undefined;
  /** Answers in place of the provider. */
  readonly onRequest?: ((exchange: Exchange) => Promise<void>) | undefined;
}

export interface ProviderServer {
  readonly server: Server;
  readonly requests: readonly RecordedRequest[];
  /** From now on these keys are known, and no other. */
  readonly setKeys: (key: string | readonly string[]) => void;
}

export interface LocalProvider {
  /** With the base path, without a slash at its end. */
  readonly url: string;
  readonly port: number;
  readonly requests: readonly RecordedRequest[];
  readonly setKeys: (key: string | readonly string[]) => void;
  /** Cuts what is open. */
  close(): Promise<void>;
}

/** Starts a small provider on 127.0.0.1 that speaks the shapes of the real APIs and says back what it received; port 0 takes any free one. */
export async function startLocalProvider(options: LocalProviderOptions & { readonly port?: number | undefined }): Promise<LocalProvider> {
  const { server, requests, setKeys } = createLocalProvider(options);
  const port = await listen(server, options.port ?? 0);
  return { url: providerUrl(options, port), port, requests, setKeys, close: () => close(server) };
}

/** A provider that does not listen yet. */
export function createLocalProvider(options: LocalProviderOptions): ProviderServer {
  const requests: RecordedRequest[] = [];
  const connections = new WeakMap<Socket, number>();
  let account: Account = { keys: keySet(options.key), models: options.models };
  let connectionCount = 0;
  let requestCount = 0;

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const connection = connections.get(incoming.socket) ?? ++connectionCount;
    connections.set(incoming.socket, connection);
    const { request, keep } = record(incoming, response, { sequence: ++requestCount, connection });
    requests.push(request);
    requests.splice(0, requests.length - (options.requestsKept ?? requestsKeptDefault));
    const plain = async (): Promise<Answer> => ((await readBody(incoming, keep)) ? answerTo(request, options, account) : tooLarge);
    let answering: Promise<Answer> | undefined;
    const exchange: Exchange = { request, response, answer: () => (answering ??= plain()) };
    await (options.onRequest?.(exchange) ?? exchange.answer().then((answer) => send(response, answer)));
  };
  const listener = (incoming: IncomingMessage, response: ServerResponse): void => {
    handle(incoming, response).catch(() => response.destroy());
  };
  const settings = { maxHeaderSize: headerBytesMax };
  const server =
    options.tls === undefined ? createHttpServer(settings, listener) : createHttpsServer({ ...settings, ...options.tls }, listener);
  // An idle connection that this side closes first can lose the request that is on its way.
  server.keepAliveTimeout = 0;
  return {
    server,
    requests,
    setKeys: (key) => {
      account = { ...account, keys: keySet(key) };
    },
  };
}

const keySet = (key: string | readonly string[]): ReadonlySet<string> => new Set(typeof key === 'string' ? [key] : key);

const tooLarge = json(413, { error: { message: 'Request too large.', type: 'invalid_request_error', param: null, code: null } }, [
  ['connection', 'close'],
]);

interface Recording {
  readonly request: RecordedRequest;
  readonly keep: (chunk: Buffer) => void;
}

function record(
  incoming: IncomingMessage,
  response: ServerResponse,
  numbers: { readonly sequence: number; readonly connection: number },
): Recording {
  const chunks: Buffer[] = [];
  let outcome: RecordedRequest['outcome'] = 'open';
  response.once('close', () => {
    outcome = response.writableFinished ? 'answered' : 'cut';
  });
  const { rawHeaders } = incoming;
  const headers = rawHeaders.flatMap((name, index): Header[] => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? '']] : []));
  const request: RecordedRequest = {
    ...numbers,
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers,
    arrivedMs: Date.now(),
    get body() {
      return Buffer.concat(chunks);
    },
    get complete() {
      return incoming.complete;
    },
    get outcome() {
      return outcome;
    },
  };
  return { request, keep: (chunk) => chunks.push(chunk) };
}

/** False when the body is longer than this provider reads. */
async function readBody(incoming: IncomingMessage, keep: (chunk: Buffer) => void): Promise<boolean> {
  let bytes = 0;
  for await (const chunk of chunksOf(incoming)) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) {
      return false;
    }
    keep(chunk);
  }
  return true;
}

/** Leaves the connection alone when its reader stops early, so that an answer can still be written. */
function chunksOf(incoming: IncomingMessage): AsyncIterable<Buffer> {
  return incoming.iterator({ destroyOnReturn: false });
}

function answerTo(request: RecordedRequest, options: LocalProviderOptions, account: Account): Answer {
  const base = options.basePath ?? '';
  const [target = ''] = request.path.split('?');
  const path = target.startsWith(`${base}/`) ? target.slice(base.length) : '';
  const call: Call = { id: `local${String(request.sequence)}`, createdS: Math.floor(request.arrivedMs / 1_000), headers: request.headers };
  const answer = apiOf(path, call, options.apis) === 'anthropic' ? answerAnthropic : answerOpenAi;
  return answer(request.method, path, request.body, account, call);
}

/** Both APIs have `/v1/models`; only Anthropic's clients send a version header. */
function apiOf(path: string, call: Call, apis: readonly ApiFamily[]): ApiFamily {
  const [only] = apis;
  if (apis.length === 1 && only !== undefined) {
    return only;
  }
  return path.startsWith('/v1/messages') || singleHeader(call.headers, 'anthropic-version') !== undefined ? 'anthropic' : 'openai';
}

/**
 * Writes an answer. `pace` is awaited before each chunk, so its caller decides when the next one leaves; without it chunks leave as fast as
 * the reader takes them. Returns early when the reader goes away.
 */
export async function send(response: ServerResponse, answer: Answer, pace?: (index: number) => Promise<void>): Promise<void> {
  response.writeHead(answer.status, answer.headers.flat());
  if (answer.body.kind === 'whole') {
    response.end(answer.body.bytes);
    return;
  }
  response.flushHeaders();
  for (const [index, chunk] of answer.body.chunks.entries()) {
    await pace?.(index);
    if (response.destroyed) {
      return;
    }
    if (!response.write(chunk)) {
      await writable(response);
    }
  }
  response.end();
}

/** Resolves when the reader has caught up or is gone. */
function writable(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.once('drain', done).once('close', done);
  });
}

/** Listens on 127.0.0.1 and gives the port. */
export async function listen(server: Server, port: number): Promise<number> {
  server.listen({ port, host: '127.0.0.1', backlog: backlogMax });
  await once(server, 'listening');
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

export function providerUrl(options: LocalProviderOptions, port: number): string {
  return `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${String(port)}${options.basePath ?? ''}`;
}

export async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
