import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type SecureVersion, type TLSSocket } from 'node:tls';
import { parseAnswer, type RawAnswer } from './raw-answer.ts';
import { until } from './wait.ts';

const connectHost = '127.0.0.1';
const answerDeadlineMs = 10_000;

export interface RawTarget {
  readonly port: number;
  /** `false` for plain TCP. */
  readonly tls:
    | false
    | {
        /** PEM of who signed the server; without it any server is believed. */
        readonly ca?: string;
        readonly servername?: string;
        readonly alpn?: readonly string[];
        /** PEM of a client certificate. */
        readonly cert?: string;
        readonly key?: string;
        /** The newest version to offer. */
        readonly maxVersion?: SecureVersion;
      };
}

export interface RawConnection extends Disposable {
  readonly socket: Socket | TLSSocket;
  /** Writes these bytes and nothing else; resolves when they have left this process, or at once when the connection is gone. */
  readonly send: (bytes: string | Buffer) => Promise<void>;
  /** Half-close: nothing more will be sent. */
  readonly end: () => void;
  /** All bytes received so far. */
  readonly received: () => Buffer;
  readonly isClosed: () => boolean;
  /** The next complete answer; interim ones (1xx) come on their own. `undefined` when the connection closed without another. */
  readonly answer: (options?: AnswerOptions) => Promise<RawAnswer | undefined>;
  /** Resolves when the other side has closed. */
  readonly closed: (deadlineMs?: number) => Promise<void>;
  readonly destroy: () => void;
}

export interface AnswerOptions {
  /** For HEAD and CONNECT: there is no body whatever the headers say. */
  readonly bodyless?: boolean;
  readonly deadlineMs?: number;
}

/** Opens a connection that sends exactly what it is given. Strings are latin1: one byte per character. */
export async function openRaw(target: RawTarget): Promise<RawConnection> {
  const socket = await connect(target);
  const chunks: Buffer[] = [];
  let consumed = 0;
  let isClosed = false;
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  for (const event of ['end', 'close', 'error']) {
    socket.once(event, () => {
      isClosed = true;
    });
  }
  const received = (): Buffer => Buffer.concat(chunks);
  const destroy = (): void => void socket.destroy();
  return {
    socket,
    send: async (bytes) => {
      if (!socket.writable) {
        return;
      }
      await new Promise<void>((resolve) => {
        socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, () => {
          resolve();
        });
      });
    },
    end: () => void socket.end(),
    received,
    isClosed: () => isClosed,
    answer: async ({ bodyless = false, deadlineMs = answerDeadlineMs } = {}) => {
      const found = await until(
        () => {
          // Read before the bytes: what came before the close must not be missed.
          const over = isClosed;
          const parsed = parseAnswer(received().subarray(consumed), { bodyless, isClosed: over });
          return parsed ?? (over ? ('nothing' as const) : undefined);
        },
        { deadlineMs, what: `an answer; so far: ${received().subarray(consumed).toString('latin1').slice(0, 500)}` },
      );
      if (found === 'nothing') {
        return undefined;
      }
      consumed += found.length;
      return found.answer;
    },
    closed: async (deadlineMs = answerDeadlineMs) => {
      await until(() => isClosed, { deadlineMs, what: 'the other side to close' });
    },
    destroy,
    [Symbol.dispose]: destroy,
  };
}

/** Sends bytes on a connection of their own and gives the final answer; `undefined` when the connection was closed without one. */
export async function sendRaw(target: RawTarget, bytes: string | Buffer, options?: AnswerOptions): Promise<RawAnswer | undefined> {
  using connection = await openRaw(target);
  await connection.send(bytes);
  for (;;) {
    const answer = await connection.answer(options);
    if (answer === undefined || answer.status >= 200 || answer.status === 101) {
      return answer;
    }
  }
}

/** The bytes of an HTTP/1.1 request: header lines as given, nothing added. */
export function rawRequest(startLine: string, headers: readonly string[], body: string | Buffer = ''): Buffer {
  const head = [startLine, ...headers, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), typeof body === 'string' ? Buffer.from(body, 'utf8') : body]);
}

/** One chunk of a chunked body; an empty one is the last. */
export function rawChunk(body: string): string {
  return `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n`;
}

async function connect({ port, tls }: RawTarget): Promise<Socket | TLSSocket> {
  // Half-open, so that the end of one direction is not the end of both.
  const socket = connectTcp({ host: connectHost, port, allowHalfOpen: true });
  await once(socket, 'connect');
  if (tls === false) {
    return socket;
  }
  const { ca, cert, key, maxVersion, servername = 'localhost', alpn = ['http/1.1'] } = tls;
  const secure = connectTls({
    socket,
    servername,
    ALPNProtocols: [...alpn],
    rejectUnauthorized: ca !== undefined,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
  });
  await once(secure, 'secureConnect');
  return secure;
}
