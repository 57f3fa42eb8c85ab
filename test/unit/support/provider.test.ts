import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeCertificates } from '../../support/certificates.ts';
import { makeGate, TELLTALE_HEADERS } from '../../support/provider-behaviour.ts';
import { startTestProvider, type TestProvider } from '../../support/provider.ts';
import { openRaw, rawRequest, sendRaw } from '../../support/raw-http.ts';
import { headerValues } from '../../support/raw-answer.ts';
import { trustCertificate } from '../../support/trust.ts';
import { until } from '../../support/wait.ts';

const KEY = 'sk-test-provider';
const MODELS = ['fast', 'slow'];

let provider: TestProvider;
let client: OpenAI;

beforeEach(async () => {
  provider = await startTestProvider({ apis: ['openai'], key: KEY, models: MODELS });
  client = new OpenAI({ apiKey: KEY, baseURL: `${provider.url}/v1`, maxRetries: 0 });
});
afterEach(() => provider.close());

const bodyOf = (more: object = {}): string =>
  JSON.stringify({ model: 'fast', messages: [{ role: 'user', content: 'a fairly long text to stream' }], ...more });

const post = (body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${provider.url}/v1/chat/completions`, { method: 'POST', headers: { authorization: `Bearer ${KEY}`, ...headers }, body });

const bytesToSend = (body: string, declared = Buffer.byteLength(body)): Buffer =>
  rawRequest(
    'POST /v1/chat/completions HTTP/1.1',
    ['host: x', `authorization: Bearer ${KEY}`, `content-length: ${String(declared)}`],
    body,
  );

describe('which behaviour', () => {
  it('answers a status once and then plainly', async () => {
    provider.behave({ kind: 'status', status: 503, body: { error: { message: 'busy' } }, headers: [['retry-after', '7']] }, { times: 1 });
    const first = await post(bodyOf());
    expect([first.status, first.headers.get('retry-after'), await first.json()]).toEqual([503, '7', { error: { message: 'busy' } }]);
    expect((await post(bodyOf())).status).toBe(200);
  });

  it('selects by model, by predicate, and gives the last word to the last rule', async () => {
    provider.behave({ kind: 'status', status: 500 }, { model: 'slow' });
    const takeBack = provider.behave(
      { kind: 'status', status: 418 },
      { when: (request) => request.headers.some(([name]) => name === 'x-tea') },
    );
    expect((await post(bodyOf())).status).toBe(200);
    expect((await post(bodyOf({ model: 'slow' }))).status).toBe(500);
    expect((await post(bodyOf({ model: 'slow' }), { 'x-tea': '1' })).status).toBe(418);
    takeBack();
    expect((await post(bodyOf(), { 'x-tea': '1' })).status).toBe(200);
    provider.reset();
    expect((await post(bodyOf({ model: 'slow' }))).status).toBe(200);
  });
});

describe('faults', () => {
  it('refuses connections and accepts them again on the same port', async () => {
    await provider.refuse();
    await expect(post(bodyOf())).rejects.toThrow('fetch failed');
    await provider.accept();
    expect((await post(bodyOf())).status).toBe(200);
  });

  it('hangs before the headers until it is released', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    provider.behave({ kind: 'hang-before-headers', until: promise });
    using connection = await openRaw({ port: provider.port, tls: false });
    await connection.send(bytesToSend(bodyOf()));
    const record = await provider.arrival(1);
    await until(() => record.complete, { deadlineMs: 1_000, what: 'the body' });
    expect(connection.received()).toHaveLength(0);
    resolve(undefined);
    expect((await connection.answer())?.status).toBe(200);
    expect(record.outcome).toBe('answered');
  });

  it('hangs after the headers for good and notices who leaves', async () => {
    provider.behave({ kind: 'hang-after-headers' });
    const connection = await openRaw({ port: provider.port, tls: false });
    await connection.send(bytesToSend(bodyOf()));
    await until(() => connection.received().includes('\r\n\r\n'), { deadlineMs: 1_000, what: 'the headers' });
    expect(connection.received().toString()).toMatch(/\r\n\r\n$/u);
    connection.destroy();
    const record = await provider.arrival(1);
    await until(() => record.outcome === 'cut', { deadlineMs: 1_000, what: 'the provider to notice' });
  });

  it('lets chunks of a stream pass one by one', async () => {
    const gate = makeGate();
    provider.behave({ kind: 'gated', gate });
    const stream = await client.chat.completions.create({ model: 'fast', stream: true, messages: [{ role: 'user', content: 'abcdefgh' }] });
    const chunks = stream[Symbol.asyncIterator]();
    gate.release(2);
    await chunks.next();
    expect((await chunks.next()).value).toMatchObject({ choices: [{ delta: { content: 'You said' } }] });
    expect(gate.passed()).toBe(2);
    gate.open();
    expect((await chunks.next()).done).toBe(false);
    stream.controller.abort();
  });

  it.each([
    ['whole', bodyOf()],
    ['streamed', bodyOf({ stream: true })],
  ])('answers larger than a buffer, %s', async (_, body) => {
    provider.behave({ kind: 'large', bytes: 3_000_000 });
    const response = await post(body);
    expect(response.status).toBe(200);
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThanOrEqual(3_000_000);
  });

  it.each(['end', 'reset'] as const)('closes in the middle of a stream: %s', async (how) => {
    provider.behave({ kind: 'close-mid-stream', afterChunks: 3, how });
    const answer = await sendRaw({ port: provider.port, tls: false }, bytesToSend(bodyOf({ stream: true })));
    expect(answer).toMatchObject({ status: 200, complete: false });
    expect(answer?.body.toString().split('\n\n')).toHaveLength(4);
    expect((await provider.arrival(1)).outcome).toBe('cut');
  });

  it('resets at arrival', async () => {
    provider.behave({ kind: 'reset-at-arrival' });
    expect(await sendRaw({ port: provider.port, tls: false }, bytesToSend(bodyOf()))).toBeUndefined();
    expect(provider.traffic().requests).toBe(1);
  });

  it('resets when it has read the whole request', async () => {
    provider.behave({ kind: 'reset-after-body' });
    expect(await sendRaw({ port: provider.port, tls: false }, bytesToSend(bodyOf()))).toBeUndefined();
    expect(provider.requests.at(-1)).toMatchObject({ complete: true, body: Buffer.from(bodyOf()) });
  });

  it('answers early, before the body is there, and reads the next request on the same connection', async () => {
    provider.behave({ kind: 'early', status: 503 }, { times: 1 });
    using connection = await openRaw({ port: provider.port, tls: false });
    const body = bodyOf();
    const half = Math.floor(body.length / 2);
    await connection.send(bytesToSend(body.slice(0, half), body.length));
    expect((await connection.answer())?.status).toBe(503);
    expect((await provider.arrival(1)).complete).toBe(false);
    await connection.send(Buffer.concat([Buffer.from(body.slice(half)), bytesToSend(body)]));
    expect((await connection.answer())?.status).toBe(200);
    expect((await provider.arrival(2)).connection).toBe((await provider.arrival(1)).connection);
  });

  it('adds headers, duplicates apart', async () => {
    provider.behave({ kind: 'headers', headers: TELLTALE_HEADERS });
    const answer = await sendRaw({ port: provider.port, tls: false }, bytesToSend(bodyOf()));
    expect(headerValues(answer ?? { headers: [] }, 'set-cookie')).toHaveLength(2);
    expect(headerValues(answer ?? { headers: [] }, 'x-sallyport-x')).toEqual(['canary-internal']);
  });

  it.each([
    ['whole', bodyOf()],
    ['streamed', bodyOf({ stream: true })],
  ])('compresses where that is offered, %s', async (_, body) => {
    provider.behave({ kind: 'gzip' });
    const offered = await post(body, { 'accept-encoding': 'gzip' });
    expect(offered.headers.get('content-encoding')).toBe('gzip');
    expect(await offered.text()).toContain('You said');
    const plain = await sendRaw({ port: provider.port, tls: false }, bytesToSend(body));
    expect(headerValues(plain ?? { headers: [] }, 'content-encoding')).toEqual([]);
  });
});

describe('what arrived', () => {
  it('counts connections, bytes and requests', async () => {
    expect(provider.traffic()).toEqual({ connections: 0, bytes: 0, requests: 0 });
    using connection = await openRaw({ port: provider.port, tls: false });
    await connection.send('POST');
    await until(() => provider.traffic().bytes > 0, { deadlineMs: 1_000, what: 'four bytes' });
    expect(provider.traffic()).toEqual({ connections: 1, bytes: 4, requests: 0 });
  });

  it('keeps raw headers as they came', async () => {
    const request = rawRequest('GET http://other/v1/models?x=1 HTTP/1.1', [
      'Host: a',
      'X-Dup: 1',
      'x-dup: 2',
      `authorization: Bearer ${KEY}`,
    ]);
    await sendRaw({ port: provider.port, tls: false }, request);
    const record = await provider.arrival(1);
    expect(record.path).toBe('http://other/v1/models?x=1');
    expect(record.headers.slice(0, 3)).toEqual([
      ['Host', 'a'],
      ['X-Dup', '1'],
      ['x-dup', '2'],
    ]);
  });
});

it('speaks TLS to who trusts it, and counts the bytes of a handshake that failed', async () => {
  const { ca, server } = await makeCertificates();
  await using secure = await startTestProvider({ apis: ['openai'], key: KEY, models: MODELS, tls: server });
  await expect(fetch(`${secure.url}/v1/models`)).rejects.toThrow('fetch failed');
  expect(secure.traffic().requests).toBe(0);
  trustCertificate(ca.cert);
  const response = await fetch(`${secure.url}/v1/models`, { headers: { authorization: `Bearer ${KEY}` } });
  expect(response.status).toBe(200);
  expect(secure.traffic()).toMatchObject({ connections: 2, requests: 1 });
  expect(secure.traffic().bytes).toBeGreaterThan(200);
  secure.behave({ kind: 'close-mid-stream', afterChunks: 1, how: 'reset' });
  const cut = await sendRaw({ port: secure.port, tls: { ca: ca.cert } }, bytesToSend(bodyOf({ stream: true })));
  expect(cut).toMatchObject({ status: 200, complete: false });
});
