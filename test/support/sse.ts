import { once, setMaxListeners } from 'node:events';
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Door } from './door.ts';
import { until, within } from './wait.ts';

const answerDeadlineMs = 20_000;

export type Protocol = 'HTTP/1.1' | 'HTTP/2';

export interface StreamRequest {
  readonly protocol: Protocol;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

/** A streamed answer on its way. */
export interface OpenStream {
  readonly status: number;
  /** Everything of the body so far. */
  readonly received: () => string;
  /** Complete events so far. */
  readonly events: () => number;
  /** `complete`: ended in order; `cut`: by the other side, out of order. */
  readonly state: () => 'open' | 'complete' | 'cut';
  /** Resolves to how it ended. */
  readonly ended: (deadlineMs?: number) => Promise<'complete' | 'cut'>;
  /** Goes away without a word, as a client that is closed. */
  readonly abort: () => void;
}

/** Sends a request and resolves with the head of its answer; on a connection of its own, or on the HTTP/2 session given. */
export async function openStream(door: Door, asked: StreamRequest, session?: ClientHttp2Session): Promise<OpenStream> {
  return asked.protocol === 'HTTP/1.1' ? overHttp1(door, asked) : overHttp2(door, asked, session);
}

/** An HTTP/2 connection to the door, for many streams. */
export async function openSession(door: Door): Promise<ClientHttp2Session> {
  const session = connect(`https://127.0.0.1:${String(door.port)}`, {
    servername: 'localhost',
    ca: door.certificates.ca.cert,
    settings: { initialWindowSize: 1_048_576 },
  });
  setMaxListeners(0, session);
  // Streams tell of their own ends.
  session.on('error', () => undefined);
  await within(once(session, 'connect'), { deadlineMs: answerDeadlineMs, what: 'the HTTP/2 connection' });
  return session;
}

const bytesOf = (asked: StreamRequest): Buffer => Buffer.from(JSON.stringify(asked.body));

const headersOf = (asked: StreamRequest, bytes: Buffer): Readonly<Record<string, string>> => ({
  'content-type': 'application/json',
  'content-length': String(bytes.length),
  ...asked.headers,
});

/** A request of HTTP/1.1 on a connection of its own, its head sent, its body not. */
export function beginHttp1(door: Door, asked: StreamRequest): ClientRequest {
  const options: RequestOptions = {
    host: '127.0.0.1',
    port: door.port,
    servername: 'localhost',
    ca: door.certificates.ca.cert,
    agent: false,
    method: 'POST',
    path: asked.path,
    headers: headersOf(asked, bytesOf(asked)),
  };
  const call = httpsRequest(options);
  call.on('error', () => undefined);
  call.flushHeaders();
  return call;
}

async function overHttp1(door: Door, asked: StreamRequest): Promise<OpenStream> {
  const call = beginHttp1(door, asked);
  call.end(bytesOf(asked));
  const response = await within(
    new Promise<IncomingMessage>((resolve, reject) => {
      call.once('response', resolve).once('error', reject);
    }),
    { deadlineMs: answerDeadlineMs, what: 'the head of the answer' },
  );
  return follow(
    response,
    response.statusCode ?? 0,
    () => response.complete,
    () => call.destroy(),
  );
}

async function overHttp2(door: Door, asked: StreamRequest, shared: ClientHttp2Session | undefined): Promise<OpenStream> {
  const session = shared ?? (await openSession(door));
  const bytes = bytesOf(asked);
  const stream = session.request({
    ':method': 'POST',
    ':path': asked.path,
    ':authority': `localhost:${String(door.port)}`,
    ...headersOf(asked, bytes),
  });
  stream.end(bytes);
  const status = await within(
    new Promise<number>((resolve, reject) => {
      stream.once('response', (headers) => {
        resolve(headers[':status'] ?? 0);
      });
      stream.once('error', reject);
      stream.once('close', () => {
        reject(new Error('the stream closed before its head'));
      });
    }),
    { deadlineMs: answerDeadlineMs, what: 'the head of the answer' },
  );
  return follow(
    stream,
    status,
    () => stream.rstCode === constants.NGHTTP2_NO_ERROR && !session.destroyed,
    () => {
      if (shared === undefined) {
        session.destroy();
      } else {
        stream.close(constants.NGHTTP2_CANCEL);
      }
    },
  );
}

/** `isWhole` is asked once everything was read: did the other side end the answer in order? */
function follow(body: IncomingMessage | ClientHttp2Stream, status: number, isWhole: () => boolean, abort: () => void): OpenStream {
  let received = '';
  let state: ReturnType<OpenStream['state']> = 'open';
  body.setEncoding('utf8');
  body.on('data', (text: string) => {
    received += text;
  });
  body.once('end', () => {
    state = isWhole() ? 'complete' : 'cut';
  });
  body.on('error', () => undefined);
  body.once('close', () => {
    if (state === 'open') {
      state = 'cut';
    }
  });
  return {
    status,
    received: () => received,
    events: () => received.split('\n\n').length - 1,
    state: () => state,
    ended: async (deadlineMs = answerDeadlineMs) =>
      until(() => (state === 'open' ? undefined : state), { deadlineMs, what: 'the stream to end' }),
    abort,
  };
}
