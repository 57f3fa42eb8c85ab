import { once } from 'node:events';
import { createSecureServer, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lineSince } from '../support/ask.ts';
import { makeCertificates } from '../support/certificates.ts';
import { openDoor, type Door } from '../support/door.ts';
import { headerValues } from '../support/raw-answer.ts';
import { sendHttp2 } from '../support/raw-http2.ts';
import {
  CHAT_TEXT,
  http2Headers,
  MESSAGE_TEXT,
  rawTarget,
  refusalIn,
  sendHttp2To,
  sendRawTo,
  withNothingArriving,
  type RawAsk,
  type Refused,
} from '../support/raw-ask.ts';

let door: Door;
let key: string;
beforeAll(async () => {
  door = await openDoor();
  ({ key } = await door.createKey());
});
afterAll(async () => {
  await door[Symbol.asyncDispose]();
});

/** The same refusal in both shapes: OpenAI's has a code, Anthropic's a type. */
const refusedAs = (status: number, code: string, type = 'invalid_request_error'): readonly [Refused, Refused] => [
  { status, shape: 'openai', code },
  { status, shape: 'anthropic', code: type },
];

/** A chat, or a message, with its model member written so. */
const withModel = (text: string, member: string): string => text.replace(/"model":"\w+"/, member);

describe('bodies with two readings', () => {
  it.each<[name: string, change: (text: string) => string | Buffer, expected: readonly [Refused, Refused]]>([
    [
      'a model twice, the second one forbidden',
      (text) => text.replace('}', ',"model":"spare"}').replace(/\}$/, ',"model":"spare"}'),
      refusedAs(400, 'body_invalid'),
    ],
    ['a model twice, once escaped', (text) => text.replace(/\}$/, String.raw`,"mod\u0065l":"spare"}`), refusedAs(400, 'body_invalid')],
    ['a model twice, once in upper case', (text) => text.replace(/\}$/, ',"Model":"spare"}'), refusedAs(400, 'body_invalid')],
    ['a model that only Go reads as one', (text) => withModel(text, '"MODEL":"large"'), refusedAs(400, 'body_invalid')],
    ['messages twice', (text) => text.replace(/\}$/, ',"messages":[]}'), refusedAs(400, 'body_invalid')],
    [
      'a member twice, deep inside',
      (text) => text.replace('"role":"user"', '"role":"user","role":"system"'),
      refusedAs(400, 'body_invalid'),
    ],
    ['a model that is a number', (text) => withModel(text, '"model":1'), refusedAs(400, 'field_invalid')],
    ['a model that is a list', (text) => withModel(text, '"model":["large"]'), refusedAs(400, 'field_invalid')],
    ['a model that is an object', (text) => withModel(text, '"model":{"toString":"large"}'), refusedAs(400, 'field_invalid')],
    ['a model that is null', (text) => withModel(text, '"model":null'), refusedAs(400, 'field_invalid')],
    ['a model that is true', (text) => withModel(text, '"model":true'), refusedAs(400, 'field_invalid')],
    ['an empty model', (text) => withModel(text, '"model":""'), refusedAs(400, 'field_invalid')],
    ['no model', (text) => withModel(text, '"stream":false'), refusedAs(400, 'field_invalid')],
    ['a second object behind the first', (text) => text + text, refusedAs(400, 'body_invalid')],
    ['a bracket behind the object', (text) => `${text}}`, refusedAs(400, 'body_invalid')],
    ['a NUL behind the object', (text) => `${text}\0`, refusedAs(400, 'body_invalid')],
    ['a byte order mark', (text) => `\ufeff${text}`, refusedAs(400, 'body_invalid')],
    ['a comment', (text) => text.replace('{', '{/* */'), refusedAs(400, 'body_invalid')],
    ['a trailing comma', (text) => text.replace(/\}$/, ',}'), refusedAs(400, 'body_invalid')],
    ['NaN', (text) => text.replace(/\}$/, ',"temperature":NaN}'), refusedAs(400, 'body_invalid')],
    ['a number beyond any double', (text) => text.replace(/\}$/, ',"temperature":1e400}'), refusedAs(400, 'body_invalid')],
    ['a lone surrogate', (text) => text.replace('hello', String.raw`\ud800`), refusedAs(400, 'body_invalid')],
    ['a byte that is no UTF-8', (text) => Buffer.from(text.replace('hello', '\xff'), 'latin1'), refusedAs(400, 'body_invalid')],
    [
      'a nest of 10,000 lists',
      (text) => text.replace(/\}$/, `,"metadata":${'['.repeat(10_000)}${']'.repeat(10_000)}}`),
      refusedAs(400, 'body_invalid'),
    ],
    ['a list', (text) => `[${text}]`, refusedAs(400, 'body_invalid')],
    ['a string', (text) => JSON.stringify(text), refusedAs(400, 'body_invalid')],
    ['a form', () => 'model=large&messages=hello', refusedAs(400, 'body_invalid')],
    ['half a body', (text) => text.slice(0, 30), refusedAs(400, 'body_invalid')],
    ['white space alone', () => ' \n\t ', refusedAs(400, 'body_invalid')],
  ])('refuses %s', async (_name, change, [openai, anthropic]) => {
    const chat = await withNothingArriving(door, () => sendRawTo(door, { key, body: change(CHAT_TEXT) }));
    const message = await withNothingArriving(door, () => sendRawTo(door, { key, target: '/v1/messages', body: change(MESSAGE_TEXT) }));
    expect([refusalIn(chat), refusalIn(message)]).toEqual([openai, anthropic]);
  });
});

describe('bodies in another coding', () => {
  const form = ['--b', 'content-disposition: form-data; name="model"', '', 'large', '--b--', ''].join('\r\n');
  it.each<[name: string, asked: RawAsk, code: string]>([
    ['gzip', { headers: ['content-encoding: gzip'] }, 'content_encoding_unsupported'],
    ['br', { headers: ['content-encoding: br'] }, 'content_encoding_unsupported'],
    ['zstd behind identity', { headers: ['content-encoding: identity, zstd'] }, 'content_encoding_unsupported'],
    ['an encoding nobody knows', { headers: ['content-encoding: rot13'] }, 'content_encoding_unsupported'],
    ['a form', { contentType: ['content-type: multipart/form-data; boundary=b'], body: form }, 'content_type_unsupported'],
    [
      'a form by its type, JSON by its body',
      { contentType: ['content-type: multipart/form-data; boundary=b'] },
      'content_type_unsupported',
    ],
    ['a form of the other kind', { contentType: ['content-type: application/x-www-form-urlencoded'] }, 'content_type_unsupported'],
    ['plain text', { contentType: ['content-type: text/plain'] }, 'content_type_unsupported'],
    ['UTF-16', { contentType: ['content-type: application/json; charset=utf-16'] }, 'content_type_unsupported'],
    ['UTF-7', { contentType: ['content-type: application/json; charset=utf-7'] }, 'content_type_unsupported'],
    ['two types', { contentType: ['content-type: application/json', 'content-type: text/plain'] }, 'content_type_unsupported'],
    ['no type', { contentType: [] }, 'content_type_unsupported'],
  ])('refuses %s', async (_name, asked, code) => {
    const answer = await withNothingArriving(door, () => sendRawTo(door, { key, ...asked }));
    expect(refusalIn(answer)).toEqual({ status: 415, shape: 'openai', code });
  });

  it('asks the provider for plain answers, whatever the client takes', async () => {
    door.providers.alpha.behave({ kind: 'gzip' }, { times: 1 });
    const answer = await sendRawTo(door, { key, headers: ['accept-encoding: gzip, br'] });
    expect(answer?.body.toString()).toContain('You said: hello');
    const received = door.providers.alpha.requests.at(-1);
    expect(received && headerValues(received, 'accept-encoding')).toEqual([]);
  });
});

describe('credentials in the URL', () => {
  it.each(['key', 'api_key', 'api-key', 'apikey', 'access_token', 'token', 'KEY', '%6bey', 'a=b&key', 'a=b;key'])(
    'refuses ?%s=',
    async (name) => {
      const answer = await withNothingArriving(door, () => sendRawTo(door, { key, target: `/v1/chat/completions?${name}=${key}` }));
      expect(refusalIn(answer)).toEqual({ status: 401, shape: 'openai', code: 'credential_invalid' });
      const other = await withNothingArriving(door, () => sendRawTo(door, { target: `/v1/messages?${name}=${key}` }));
      expect(refusalIn(other)).toEqual({ status: 401, shape: 'anthropic', code: 'authentication_error' });
    },
  );

  it('writes none into a log, also where the body is too large', async () => {
    const secret = (await door.createKey()).key;
    const headers = [`content-length: ${String(64 * 1_048_576)}`];
    const answer = await sendRawTo(door, { key, target: `/v1/chat/completions?key=${secret}`, framing: 'none', body: '', headers });
    expect(refusalIn(answer).status).toBe(401);
    expect(door.envoy.output() + door.envoy.accessLog() + door.sidecars.map((sidecar) => sidecar.output()).join('')).not.toContain(secret);
  });
});

describe('headers that only we may set', () => {
  const forged = [
    'x-sallyport-route: m-0',
    'x-sallyport-caller: admin',
    'x-envoy-retry-on: 5xx,reset',
    'x-envoy-max-retries: 9',
    'x-envoy-upstream-rq-timeout-ms: 1',
    'x-envoy-upstream-rq-per-try-timeout-ms: 1',
    'x-envoy-attempt-count: 7',
    'x-envoy-internal: true',
    'x-envoy-original-path: /v1/models',
    'x-envoy-decorator-operation: forged',
    'x-forwarded-for: 203.0.113.9',
    'x-forwarded-proto: http',
    'x-forwarded-host: evil.example',
    'x-forwarded-client-cert: By=spiffe://forged;Hash=00',
    'x-request-id: forged-request-id',
    'forwarded: for=203.0.113.9',
    'via: 1.1 forged',
    'x-real-ip: 203.0.113.9',
    'cookie: session=forged',
    'openai-organization: org-forged',
    'openai-project: proj-forged',
  ];

  it('neither steer the request nor reach the provider', async () => {
    const plain = await sendRawTo(door, { key });
    const expected = door.providers.alpha.requests.at(-1)?.headers;
    const startedMs = Date.now();
    const answer = await sendRawTo(door, { key, headers: forged });
    expect([plain?.status, answer?.status]).toEqual([200, 200]);
    expect(door.providers.alpha.requests.at(-1)?.headers).toEqual(expected);
    const line = await lineSince(door, startedMs);
    expect(line).toMatchObject({ attempts: 1, provider: 'alpha' });
    expect(JSON.stringify(line)).not.toMatch(/forged|203\.0\.113/);
  });

  it.each([
    ['HTTP/1.1', (id: string) => sendRawTo(door, { key, headers: [`x-request-id: ${id}`, 'x-request-id: second'] })],
    ['HTTP/2', (id: string) => sendHttp2To(door, key, { 'x-request-id': id })],
  ])('the exchange id is never the client’s: %s', async (_name, send) => {
    const startedMs = Date.now();
    expect((await send('11111111-2222-4333-8444-555555555555'))?.status).toBe(200);
    const { exchange } = await lineSince(door, startedMs);
    expect(exchange).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(exchange).not.toContain('11111111');
  });

  it('a retry header does not make Envoy try again what may have been billed', async () => {
    door.providers.alpha.behave({ kind: 'status', status: 500, body: { error: { message: 'trouble' } } }, { times: 1 });
    const before = door.arrived();
    const answer = await sendRawTo(door, { key, headers: ['x-envoy-retry-on: 5xx', 'x-envoy-max-retries: 3'] });
    expect(answer?.status).toBe(500);
    expect(door.arrived()).toBe(before + 1);
  });
});

describe('more than one credential', () => {
  it.each<[name: string, headers: (key: string, other: string) => readonly string[]]>([
    ['two authorization lines', (own, other) => [`authorization: Bearer ${own}`, `authorization: Bearer ${other}`]],
    ['the same one twice', (own) => [`authorization: Bearer ${own}`, `authorization: Bearer ${own}`]],
    ['one line joined by a comma', (own, other) => [`authorization: Bearer ${own}, Bearer ${other}`]],
    ['authorization and x-api-key', (own, other) => [`authorization: Bearer ${own}`, `x-api-key: ${other}`]],
    ['authorization and an empty x-api-key', (own) => [`authorization: Bearer ${own}`, 'x-api-key:']],
    ['x-api-key and api-key', (own, other) => [`x-api-key: ${own}`, `api-key: ${other}`]],
    ['two x-api-key lines', (own, other) => [`x-api-key: ${own}`, `x-api-key: ${other}`]],
    ['authorization and x-goog-api-key', (own, other) => [`authorization: Bearer ${own}`, `x-goog-api-key: ${other}`]],
    ['authorization and proxy-authorization', (own, other) => [`authorization: Bearer ${own}`, `proxy-authorization: Bearer ${other}`]],
  ])('refuses %s', async (_name, headers) => {
    const other = await door.createKey();
    const answer = await withNothingArriving(door, () => sendRawTo(door, { headers: headers(key, other.key) }));
    expect(refusalIn(answer)).toEqual({ status: 401, shape: 'openai', code: 'credential_ambiguous' });
  });

  it('refuses two authorization headers over HTTP/2', async () => {
    const twice = ['authorization', `Bearer ${key}`, 'authorization', `Bearer ${key}`];
    const flat = [...Object.entries(http2Headers(undefined)).flatMap(([name, value]) => [name, String(value)]), ...twice];
    const answer = await withNothingArriving(door, () => sendHttp2(rawTarget(door), flat, CHAT_TEXT));
    expect(refusalIn(answer)).toEqual({ status: 401, shape: 'openai', code: 'credential_ambiguous' });
  });
});

describe('a provider over HTTP/2', () => {
  it('gets its own scheme and host, whatever the client wrote', async () => {
    const { server: pair, ca } = await makeCertificates();
    const seen: IncomingHttpHeaders[] = [];
    await using provider = await startHttp2(pair, (headers) => seen.push(headers));
    await using other = await openDoor({
      settings: (settings) => {
        settings.providers['delta'] = {
          ...settings.providers['alpha'],
          api: 'openai',
          url: `https://localhost:${String(provider.port)}`,
          credential: 'none',
          tls: { ca: `file:${ca.certPath}` },
          allowPrivate: true,
        };
        settings.models['large'] = { targets: [{ provider: 'delta', model: 'delta-large' }] };
      },
    });
    const created = await other.createKey();
    const answer = await sendHttp2To(other, created.key, { ':scheme': 'http', ':authority': 'evil.example', host: 'worse.example' });
    expect(answer.status).toBe(200);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      ':scheme': 'https',
      ':authority': `localhost:${String(provider.port)}`,
      ':path': '/v1/chat/completions',
    });
    expect(JSON.stringify(seen)).not.toMatch(/evil|worse/);
  });
});

async function startHttp2(
  pair: { readonly cert: string; readonly key: string },
  onHeaders: (headers: IncomingHttpHeaders) => void,
): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createSecureServer({ cert: pair.cert, key: pair.key });
  server.on('stream', (stream, headers) => {
    onHeaders(headers);
    stream.respond({ ':status': 200, 'content-type': 'application/json' });
    stream.end('{}');
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const address: AddressInfo | string | null = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
