import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDoor, type Door } from '../support/door.ts';
import { headerValues } from '../support/raw-answer.ts';
import {
  CHAT_TEXT,
  http2Headers,
  rawBytes,
  rawTarget,
  refusalIn,
  sendHttp2To,
  sendRawTo,
  withNothingArriving,
  type RawAsk,
  type Refused,
} from '../support/raw-ask.ts';
import { openHttp2 } from '../support/raw-http2.ts';
import { openRaw, rawChunk, rawRequest, sendRaw } from '../support/raw-http.ts';

const openai = (status: number, code: string): Refused => ({ status, shape: 'openai', code });
const malformed = openai(400, 'bad_request');
const chunked: Pick<RawAsk, 'framing' | 'body'> = { framing: 'none', body: rawChunk(CHAT_TEXT) + rawChunk('') };
const webSocket = ['connection: upgrade', 'upgrade: websocket', 'sec-websocket-version: 13', 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=='];

let door: Door;
let key: string;
beforeAll(async () => {
  door = await openDoor();
  ({ key } = await door.createKey());
});
afterAll(async () => {
  await door[Symbol.asyncDispose]();
});

describe('ways around the body phase', () => {
  it.each<[name: string, asked: RawAsk, expected: Refused]>([
    [
      'a WebSocket handshake',
      { method: 'GET', target: '/v1/realtime', headers: webSocket, framing: 'none', body: '' },
      openai(403, 'forbidden'),
    ],
    ['a WebSocket handshake on an endpoint', { headers: webSocket }, openai(403, 'forbidden')],
    ['an upgrade to another protocol', { headers: ['connection: upgrade', 'upgrade: anything'] }, openai(403, 'forbidden')],
    [
      'CONNECT',
      { method: 'CONNECT', target: 'api.openai.com:443', host: ['host: api.openai.com:443'], framing: 'none', body: '' },
      openai(403, 'forbidden'),
    ],
    ['GET of an endpoint that takes POST', { method: 'GET' }, openai(405, 'method_not_allowed')],
    ['GET with a body where GET is right', { method: 'GET', target: '/v1/models' }, openai(400, 'request_invalid')],
    [
      'GET with an empty chunked body',
      { method: 'GET', target: '/v1/models', framing: 'chunked', body: '' },
      openai(400, 'request_invalid'),
    ],
    ['PUT', { method: 'PUT' }, openai(405, 'method_not_allowed')],
    ['DELETE', { method: 'DELETE' }, openai(405, 'method_not_allowed')],
    [
      'OPTIONS, as browsers ask',
      { method: 'OPTIONS', headers: ['origin: https://app.example', 'access-control-request-method: POST'] },
      openai(405, 'method_not_allowed'),
    ],
    ['TRACE', { method: 'TRACE' }, openai(405, 'method_not_allowed')],
    ['a method in lower case', { method: 'post' }, malformed],
    ['a method nobody knows', { method: 'BREW' }, malformed],
    ['POST without a body', { framing: 'none', body: '' }, openai(400, 'body_missing')],
    ['POST with a body of no bytes', { body: '' }, openai(400, 'body_missing')],
    ['POST with a chunked body of no bytes', { framing: 'chunked', body: '' }, openai(400, 'body_missing')],
    ['HTTP/1.0', { version: 'HTTP/1.0' }, openai(426, 'http_version_unsupported')],
    ['HTTP/0.9, by a version that is not', { version: 'HTTP/0.9' }, openai(426, 'http_version_unsupported')],
  ])('refuses %s', async (_name, asked, expected) => {
    const answer = await withNothingArriving(door, () => sendRawTo(door, { key, ...asked }));
    expect(refusalIn(answer)).toEqual(expected);
  });

  it('refuses HEAD, without a body', async () => {
    const answer = await withNothingArriving(door, () => sendRawTo(door, { key, method: 'HEAD' }));
    expect(answer).toMatchObject({ status: 405, body: Buffer.alloc(0) });
  });

  it.each([
    [
      'CONNECT',
      { ':method': 'CONNECT', ':path': undefined, ':scheme': undefined, ':authority': 'api.openai.com:443', 'content-type': undefined },
      403,
    ],
    ['CONNECT to a protocol (RFC 8441)', { ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/v1/realtime' }, 0],
    ['a content-length that is not that of the body', { 'content-length': '3' }, 0],
    ['a connection header', { connection: 'upgrade', upgrade: 'websocket' }, 0],
  ])('refuses %s over HTTP/2', async (_name, headers, status) => {
    const answer = await withNothingArriving(door, () => sendHttp2To(door, key, headers).catch(() => undefined));
    expect(refusalIn(answer).status).toBe(status);
  });

  it('refuses trailers: what stands behind the body was not judged', async () => {
    using stream = openHttp2(rawTarget(door), http2Headers(key));
    stream.write(CHAT_TEXT);
    stream.end({ 'x-late': '1' });
    const answer = await withNothingArriving(door, () => stream.answer());
    expect(refusalIn(answer)).toEqual(openai(400, 'request_invalid'));
  });

  it('answers Expect: 100-continue itself, for a caller it knows, and sends none to the provider', async () => {
    using connection = await openRaw(rawTarget(door));
    const [head = ''] = rawBytes({ key, headers: ['expect: 100-continue'] })
      .toString()
      .split('\r\n\r\n');
    await connection.send(`${head}\r\n\r\n`);
    expect((await connection.answer())?.status).toBe(100);
    await connection.send(CHAT_TEXT);
    expect((await connection.answer())?.status).toBe(200);
    expect(door.providers.alpha.requests.at(-1)?.headers.map(([name]) => name)).not.toContain('expect');
  });
});

describe('request smuggling', () => {
  const withoutBody: Pick<RawAsk, 'framing' | 'body'> = { framing: 'none', body: '' };
  it.each<[name: string, asked: RawAsk, expected: Refused]>([
    ['content-length and transfer-encoding', { headers: ['transfer-encoding: chunked'] }, malformed],
    ['transfer-encoding and content-length', { ...chunked, headers: ['transfer-encoding: chunked', 'content-length: 4'] }, malformed],
    ['two content-lengths that agree', { headers: [`content-length: ${String(CHAT_TEXT.length)}`] }, malformed],
    ['two content-lengths that do not', { headers: ['content-length: 3'] }, malformed],
    ['a list of content-lengths', { ...withoutBody, headers: ['content-length: 3, 3'] }, malformed],
    ['a signed content-length', { ...withoutBody, headers: ['content-length: +3'] }, malformed],
    ['a hexadecimal content-length', { ...withoutBody, headers: ['content-length: 0x3'] }, malformed],
    ['a negative content-length', { ...withoutBody, headers: ['content-length: -1'] }, malformed],
    ['transfer-encoding: identity', { ...withoutBody, headers: ['transfer-encoding: identity'] }, openai(501, 'not_implemented')],
    ['transfer-encoding: xchunked', { ...chunked, headers: ['transfer-encoding: xchunked'] }, openai(501, 'not_implemented')],
    ['transfer-encoding: gzip, chunked', { ...chunked, headers: ['transfer-encoding: gzip, chunked'] }, openai(501, 'not_implemented')],
    [
      'transfer-encoding in two lines',
      { ...chunked, headers: ['transfer-encoding: chunked', 'transfer-encoding: identity'] },
      openai(501, 'not_implemented'),
    ],
    ['a chunk size that is no number', { ...withoutBody, body: 'zz\r\n', headers: ['transfer-encoding: chunked'] }, malformed],
    ['a chunk size beyond 64 bits', { ...withoutBody, body: `${'f'.repeat(20)}\r\n`, headers: ['transfer-encoding: chunked'] }, malformed],
    ['a space before the colon', { headers: ['x-smuggled : 1'] }, malformed],
    ['a NUL in a header', { headers: ['x-smuggled: a\0b'] }, malformed],
    ['a header without a name', { headers: [': 1'] }, malformed],
    ['a header name with a space', { headers: ['x smuggled: 1'] }, malformed],
  ])('refuses %s', async (_name, asked, expected) => {
    const answer = await withNothingArriving(door, () => sendRawTo(door, { key, ...asked }));
    expect(refusalIn(answer)).toEqual(expected);
  });

  it('sends one request where a second hides in what a lenient server would take for the body', async () => {
    const hidden = rawRequest('POST /v1/chat/completions HTTP/1.1', ['host: localhost', 'content-length: 2'], '{}').toString();
    const body = JSON.stringify({ model: 'large', messages: [{ role: 'user', content: hidden }] });
    const before = door.arrived();
    const answer = await sendRawTo(door, { key, body, framing: 'chunked' });
    expect(answer?.status).toBe(200);
    expect(door.arrived()).toBe(before + 1);
    expect(door.providers.alpha.requests.at(-1)?.body.toString()).toBe(body.replace('large', 'alpha-large'));
  });

  it('makes no second header of a bare CR', async () => {
    const answer = await sendRawTo(door, { key, headers: ['openai-beta: 1\rx-second: 2'] });
    expect(answer?.status).toBe(200);
    const received = door.providers.alpha.requests.at(-1);
    expect(received?.headers).toContainEqual(['openai-beta', '1x-second: 2']);
  });

  it('judges each of two requests in one packet', async () => {
    using connection = await openRaw(rawTarget(door));
    const before = door.arrived();
    await connection.send(Buffer.concat([rawBytes({ key }), rawBytes({})]));
    expect((await connection.answer())?.status).toBe(200);
    expect(refusalIn(await connection.answer())).toEqual(openai(401, 'credential_missing'));
    expect(door.arrived()).toBe(before + 1);
  });

  it('reads a chunked body with an extension and a trailer as its chunks alone, and sends it on with its length', async () => {
    const size = CHAT_TEXT.length.toString(16);
    const body = `${size};a=b\r\n${CHAT_TEXT}\r\n0\r\nauthorization: Bearer other\r\nx-late: 1\r\n\r\n`;
    const answer = await sendRaw(rawTarget(door), rawBytes({ key, framing: 'none', body, headers: ['transfer-encoding: chunked'] }));
    expect(answer?.status).toBe(200);
    const received = door.providers.alpha.requests.at(-1);
    expect(received?.body.toString()).toBe(CHAT_TEXT.replace('large', 'alpha-large'));
    expect(received && headerValues(received, 'content-length')).toEqual([String(received?.body.length)]);
    expect(received && headerValues(received, 'x-late')).toEqual([]);
  });
});

describe('headers that are too much', () => {
  it.each<[name: string, headers: readonly string[]]>([
    ['one of 33 KB', [`x-large: ${'a'.repeat(33_000)}`]],
    ['a credential of 33 KB', [`x-api-key: ${'a'.repeat(33_000)}`]],
    ['many that are 33 KB together', Array.from({ length: 33 }, (_, index) => `x-part-${String(index)}: ${'a'.repeat(1_000)}`)],
    ['65 of them', Array.from({ length: 65 }, (_, index) => `x-part-${String(index)}: 1`)],
  ])('refuses %s', async (_name, headers) => {
    const answer = await withNothingArriving(door, () => sendRawTo(door, { key, headers }));
    expect(refusalIn(answer)).toEqual(openai(431, 'headers_too_large'));
  });

  it.each(['x_api_key', 'content_length', 'x-sallyport_route', 'authorization_'])('refuses the underscore header %s', async (name) => {
    const answer = await withNothingArriving(door, () => sendRawTo(door, { key, headers: [`${name}: 1`] }));
    expect(refusalIn(answer)).toEqual(malformed);
    const other = await withNothingArriving(door, () => sendHttp2To(door, key, { [name]: '1' }));
    expect(other.status).toBe(0);
  });
});
