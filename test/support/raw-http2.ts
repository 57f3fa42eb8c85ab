import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from 'node:http2';
import { once } from 'node:events';
import type { RawTarget } from './raw-http.ts';
import { within } from './wait.ts';

const answerDeadlineMs = 10_000;
// Two credentials in one request must be sendable. Node has this option for clients too; its types do not.
const lenient = { strictSingleValueFields: false };

export interface Http2Answer {
  /** 0 when the stream ended without headers. */
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** The code of RST_STREAM; `undefined` after a normal end. */
  readonly resetCode: number | undefined;
}

/** One HTTP/2 request on a connection of its own; pseudo-headers as given, so `:authority` and `:path` can be anything that Node will write. A flat list (name, value, name, value, …) keeps duplicates apart. */
export async function sendHttp2(
  target: RawTarget,
  headers: OutgoingHttpHeaders | readonly string[],
  body?: string | Buffer,
): Promise<Http2Answer> {
  const session = open(target);
  try {
    await within(once(session, 'connect'), { deadlineMs: answerDeadlineMs, what: 'the HTTP/2 connection' });
    const stream = session.request(headers, { endStream: body === undefined });
    const answer = collect(stream);
    if (body !== undefined) {
      stream.end(body);
    }
    return await within(answer, { deadlineMs: answerDeadlineMs, what: 'the HTTP/2 answer' });
  } finally {
    session.destroy();
  }
}

export interface Http2Stream extends Disposable {
  /** Sends more of the body; false when the stream is over. */
  readonly write: (bytes: string | Buffer) => boolean;
  readonly end: (trailers?: OutgoingHttpHeaders) => void;
  readonly answer: () => Promise<Http2Answer>;
}

/** One HTTP/2 request on a connection of its own whose body is sent piece by piece, or never. */
export function openHttp2(target: RawTarget, headers: OutgoingHttpHeaders): Http2Stream {
  const session = open(target);
  // Without a listener a connection that ends early would end the test run.
  session.on('error', () => undefined);
  const stream = session.request(headers, { endStream: false, waitForTrailers: true });
  let trailers: OutgoingHttpHeaders = {};
  stream.on('wantTrailers', () => {
    if (Object.keys(trailers).length === 0) {
      stream.close();
    } else {
      stream.sendTrailers(trailers);
    }
  });
  const answer = collect(stream);
  const destroy = (): void => {
    session.destroy();
  };
  return {
    write: (bytes) => stream.writable && stream.write(bytes),
    end: (given = {}) => {
      trailers = given;
      stream.end();
    },
    answer: () => within(answer, { deadlineMs: answerDeadlineMs, what: 'the HTTP/2 answer' }),
    [Symbol.dispose]: destroy,
  };
}

function open({ port, tls }: RawTarget): ClientHttp2Session {
  if (tls === false) {
    return connect(`http://127.0.0.1:${String(port)}`, { ...lenient, protocol: 'http:' });
  }
  const { ca, cert, key, servername = 'localhost' } = tls;
  return connect(`https://127.0.0.1:${String(port)}`, {
    servername,
    ALPNProtocols: ['h2'],
    ...lenient,
    rejectUnauthorized: ca !== undefined,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  });
}

function collect(stream: ClientHttp2Stream): Promise<Http2Answer> {
  const chunks: Buffer[] = [];
  let headers: Http2Answer['headers'] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.once('response', (_received, _flags, raw: readonly string[]) => {
    headers = raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as const] : []));
  });
  return new Promise((resolve) => {
    // A reset is an answer here; `close` follows in every case.
    stream.once('error', () => undefined);
    stream.once('close', () => {
      const { rstCode } = stream;
      resolve({
        status: Number(headers.find(([name]) => name === ':status')?.[1] ?? 0),
        headers,
        body: Buffer.concat(chunks),
        resetCode: rstCode === constants.NGHTTP2_NO_ERROR ? undefined : rstCode,
      });
    });
  });
}
