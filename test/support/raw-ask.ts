import type { OutgoingHttpHeaders } from 'node:http2';
import { parseJson } from './ask.ts';
import type { Door } from './door.ts';
import { headerValues, type RawAnswer } from './raw-answer.ts';
import { sendHttp2, type Http2Answer } from './raw-http2.ts';
import { rawChunk, rawRequest, sendRaw, type RawTarget } from './raw-http.ts';

/** One HTTP/1.1 request, each part as an attacker may want to write it; a small chat where nothing else is said. */
export interface RawAsk {
  readonly method?: string;
  /** The request target, as written. */
  readonly target?: string;
  readonly version?: string;
  /** Replaces the usual `host: localhost`. */
  readonly host?: readonly string[];
  /** The key of `authorization: Bearer`; without it there is no such header. */
  readonly key?: string | undefined;
  /** Replaces the usual content-type. */
  readonly contentType?: readonly string[];
  /** More header lines, as written. */
  readonly headers?: readonly string[];
  readonly body?: string | Buffer;
  /** `none`: neither length nor chunks are announced; the body is still written. */
  readonly framing?: 'length' | 'chunked' | 'none';
}

export const CHAT_TEXT = '{"model":"large","messages":[{"role":"user","content":"hello"}]}';
export const MESSAGE_TEXT = '{"model":"claude","max_tokens":64,"messages":[{"role":"user","content":"hello"}]}';

export const rawTarget = (door: Pick<Door, 'port' | 'certificates'>): RawTarget => ({
  port: door.port,
  tls: { ca: door.certificates.ca.cert },
});

/** The bytes of the request. */
export function rawBytes(asked: RawAsk): Buffer {
  const { method = 'POST', target = '/v1/chat/completions', version = 'HTTP/1.1' } = asked;
  const { host = ['host: localhost'], contentType = ['content-type: application/json'], headers = [] } = asked;
  const authorization = asked.key === undefined ? [] : [`authorization: Bearer ${asked.key}`];
  const framed = frame(Buffer.from(asked.body ?? CHAT_TEXT), asked.framing ?? 'length');
  return rawRequest(
    `${method} ${target} ${version}`,
    [...host, ...authorization, ...contentType, ...framed.lines, ...headers],
    framed.body,
  );
}

function frame(body: Buffer, framing: 'length' | 'chunked' | 'none'): { readonly lines: readonly string[]; readonly body: Buffer } {
  if (framing === 'chunked') {
    return { lines: ['transfer-encoding: chunked'], body: Buffer.from(rawChunk(body.toString('utf8')) + rawChunk('')) };
  }
  return { lines: framing === 'length' ? [`content-length: ${String(body.length)}`] : [], body };
}

/** Sends the request on a connection of its own; undefined where the connection was closed without an answer. */
export const sendRawTo = (door: Pick<Door, 'port' | 'certificates'>, asked: RawAsk): Promise<RawAnswer | undefined> =>
  sendRaw(rawTarget(door), rawBytes(asked), { bodyless: asked.method === 'HEAD' });

/** A chat over HTTP/2, with these headers in place of or beside the usual ones; `undefined` takes a usual one away. */
export function sendHttp2To(
  door: Door,
  key: string | undefined,
  headers: OutgoingHttpHeaders = {},
  body = CHAT_TEXT,
): Promise<Http2Answer> {
  return sendHttp2(rawTarget(door), http2Headers(key, headers), body);
}

export const http2Headers = (key: string | undefined, headers: OutgoingHttpHeaders = {}): OutgoingHttpHeaders => ({
  ':method': 'POST',
  ':scheme': 'https',
  ':authority': 'localhost',
  ':path': '/v1/chat/completions',
  ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  'content-type': 'application/json',
  ...headers,
});

/** What a refusal says, whichever protocol brought it. */
export interface Refused {
  readonly status: number;
  /** `error.code` of OpenAI's shape, `error.type` of Anthropic's. */
  readonly code: string | undefined;
  readonly shape: 'openai' | 'anthropic' | undefined;
}

/** Reads a refusal; all undefined but the status where the body is not an error of either API, as JSON. */
export function refusalIn(answer: RawAnswer | Http2Answer | undefined): Refused {
  if (answer === undefined) {
    return { status: 0, code: undefined, shape: undefined };
  }
  const isJson = headerValues(answer, 'content-type').join() === 'application/json';
  return { status: answer.status, ...shapeOf(isJson ? parseJson(answer.body.toString('utf8')) : undefined) };
}

function shapeOf(body: unknown): Pick<Refused, 'code' | 'shape'> {
  const error = member(body, 'error');
  if (typeof member(error, 'message') !== 'string') {
    return { code: undefined, shape: undefined };
  }
  const [type, code] = [member(error, 'type'), member(error, 'code')];
  if (member(body, 'type') === 'error') {
    return { code: typeof type === 'string' ? type : undefined, shape: 'anthropic' };
  }
  return typeof type === 'string' && typeof code === 'string' && member(error, 'param') === null
    ? { code, shape: 'openai' }
    : { code: undefined, shape: undefined };
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;

const patienceMax = 20;

/**
 * Sends again while the sidecar says that it could not decide. On a busy machine the store may miss its deadline for a key that is
 * read for the first time; a test that is about something else must not fail by that.
 */
export async function patiently<Answer extends RawAnswer | Http2Answer | undefined>(send: () => Promise<Answer>): Promise<Answer> {
  for (let sent = 1; ; sent += 1) {
    const answer = await send();
    if (refusalIn(answer).code !== 'decision_unavailable' || sent === patienceMax) {
      return answer;
    }
  }
}

/**
 * Does something, and throws if a byte reached any provider meanwhile. A connection may be made: the gate and the key injector run
 * once there is one.
 */
export async function withNothingArriving<T>(door: Door, act: () => Promise<T>): Promise<T> {
  const before = JSON.stringify(trafficOf(door));
  const result = await act();
  const after = JSON.stringify(trafficOf(door));
  if (after !== before) {
    throw new Error(`something reached a provider: ${before} before, ${after} after`);
  }
  return result;
}

const trafficOf = ({ providers: { alpha, beta, gamma, claude } }: Door): readonly object[] =>
  [alpha, beta, gamma, claude].map((provider) => {
    const { bytes, requests } = provider.traffic();
    return { bytes, requests };
  });
