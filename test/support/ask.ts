import { once } from 'node:events';
import { request } from 'node:https';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { KeyPair } from './certificates.ts';
import type { Door, LogLine } from './door.ts';
import { until } from './wait.ts';

const answerTimeoutMs = 20_000;
const logDeadlineMs = 10_000;

/** One HTTP/1.1 request to a door, on a connection of its own; a small chat where nothing else is said. */
export interface Ask {
  readonly method?: string;
  readonly path?: string;
  /** The virtual key or token of `Authorization: Bearer`. */
  readonly bearer?: string;
  /** In this order, duplicates kept apart. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** Objects are sent as JSON; undefined sends no body at all. */
  readonly body?: string | Buffer | object | undefined;
  /** Client certificate. */
  readonly certificate?: KeyPair | undefined;
  /** The loopback address to come from. */
  readonly from?: string | undefined;
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** `error.code` of OpenAI's shape or `error.type` of Anthropic's; undefined where the answer is no error. */
  readonly code: string | undefined;
  /** Which API's error shape it is. */
  readonly shape: 'openai' | 'anthropic' | undefined;
}

export const chatBody = (model = 'large', content = 'hello'): object => ({ model, messages: [{ role: 'user', content }] });
export const messageBody = (model = 'claude', content = 'hello'): object & { readonly max_tokens: number } => ({
  ...chatBody(model, content),
  max_tokens: 64,
});

/** Sends one request and reads its answer whole. Rejects where the connection fails, a refused handshake included. */
export async function ask(door: Pick<Door, 'port' | 'certificates'>, asked: Ask = {}): Promise<Answered> {
  const { method = 'POST', path = '/v1/chat/completions', certificate } = asked;
  const bytes = bodyOf('body' in asked ? asked.body : chatBody());
  const call = request({
    host: '127.0.0.1',
    port: door.port,
    servername: 'localhost',
    ca: door.certificates.ca.cert,
    agent: false,
    timeout: answerTimeoutMs,
    method,
    path,
    headers: headerLines(asked, door.port, bytes),
    ...(certificate === undefined ? {} : { cert: certificate.cert, key: certificate.key }),
    ...(asked.from === undefined ? {} : { localAddress: asked.from }),
  });
  call.once('timeout', () => call.destroy(new Error(`no answer within ${String(answerTimeoutMs)} ms`)));
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    call.once('response', resolve).once('error', reject);
  });
  call.end(bytes);
  return readAnswer(await response);
}

function bodyOf(body: Ask['body']): Buffer | undefined {
  if (body === undefined || Buffer.isBuffer(body)) {
    return body;
  }
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

/** Name, value, name, value: Node sends such a list as it is. */
function headerLines(asked: Ask, port: number, bytes: Buffer | undefined): readonly string[] {
  const given = (asked.headers ?? []).flat();
  const has = (name: string): boolean => given.some((each, index) => index % 2 === 0 && each.toLowerCase() === name);
  return [
    'host',
    `localhost:${String(port)}`,
    ...(asked.bearer === undefined ? [] : ['authorization', `Bearer ${asked.bearer}`]),
    ...(bytes === undefined || has('content-type') ? [] : ['content-type', 'application/json']),
    ...(bytes === undefined || has('transfer-encoding') ? [] : ['content-length', String(bytes.length)]),
    ...given,
  ];
}

const openaiError = z.object({ error: z.looseObject({ message: z.string().min(1), type: z.string(), code: z.string() }) });
const anthropicError = z.object({ type: z.literal('error'), error: z.looseObject({ type: z.string(), message: z.string().min(1) }) });

async function readAnswer(response: IncomingMessage): Promise<Answered> {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(response, 'end');
  const text = Buffer.concat(chunks).toString('utf8');
  const body = parseJson(text);
  const openai = openaiError.safeParse(body);
  const anthropic = anthropicError.safeParse(body);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text,
    code: openai.success ? openai.data.error.code : anthropic.data?.error.type,
    shape: openai.success ? 'openai' : anthropic.success ? 'anthropic' : undefined,
  };
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface Seen extends Answered {
  /** The log line of this very exchange. */
  readonly line: LogLine;
  /** Requests that reached any provider meanwhile. */
  readonly arrived: number;
}

/**
 * As `ask`, with what the sidecar's log and the providers saw. One at a time: the line is the next of an exchange that began since.
 * Asked again where the store was too slow for a decision, as it is on a machine that has too much to do: no test is about that here.
 */
export async function observe(door: Door, asked: Ask = {}): Promise<Seen> {
  for (let attempt = 1; ; attempt += 1) {
    const startedMs = Date.now();
    const before = door.arrived();
    const answer = await ask(door, asked);
    const line = await lineSince(door, startedMs);
    if (attempt === attemptsMax || !storeTooSlow.test(String(line['detail']))) {
      return { ...answer, line, arrived: door.arrived() - before };
    }
  }
}

const attemptsMax = 5;

const storeTooSlow = /: store: key store: timeout$/;

const timedLine = z.object({ time: z.iso.datetime(), totalMs: z.number() });

/** The first log line of an exchange that began at `startedMs` or later; lines come in batches, those of earlier exchanges late. */
export async function lineSince(door: Door, startedMs: number): Promise<LogLine> {
  const isSince = (line: LogLine): boolean => {
    const { time, totalMs } = timedLine.parse(line);
    return Date.parse(time) - totalMs >= startedMs;
  };
  return until(() => door.exchanges().find(isSince), { deadlineMs: logDeadlineMs, what: 'the log line of this exchange' });
}

/** Everything a stream gives. */
export async function gather<T>(stream: AsyncIterable<T>): Promise<readonly T[]> {
  const items: T[] = [];
  for await (const item of stream) {
    items.push(item);
  }
  return items;
}

/** The error that a call of a client ends with, and how many requests reached a provider meanwhile. */
export async function failure(door: Door, call: Promise<unknown>): Promise<{ readonly error: unknown; readonly arrived: number }> {
  const before = door.arrived();
  try {
    await call;
  } catch (error) {
    return { error, arrived: door.arrived() - before };
  }
  throw new Error('the call succeeded');
}
