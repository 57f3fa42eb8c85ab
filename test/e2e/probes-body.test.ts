import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDoor, type Door, type LogLine } from '../support/door.ts';
import {
  CHAT_TEXT,
  http2Headers,
  MESSAGE_TEXT,
  rawTarget,
  refusalIn,
  sendRawTo,
  withNothingArriving,
  type Refused,
} from '../support/raw-ask.ts';
import { openHttp2 } from '../support/raw-http2.ts';
import { openRaw, rawChunk, rawRequest, type RawConnection } from '../support/raw-http.ts';
import { until } from '../support/wait.ts';

const missing: Refused = { status: 401, shape: 'openai', code: 'credential_missing' };

let door: Door;
let key: string;
beforeAll(async () => {
  door = await openDoor({
    settings: (settings) => {
      settings.edge.timeouts = { upload: '2s' };
    },
  });
  ({ key } = await door.createKey());
});
afterAll(async () => {
  await door[Symbol.asyncDispose]();
});

describe('body fields that would choose the upstream (X3)', () => {
  const evil = 'http://evil.example';
  it.each<[field: string, value: unknown]>([
    ['api_base', evil],
    ['base_url', evil],
    ['Base_URL', evil],
    ['api_key', 'sk-other'],
    ['api_version', '1'],
    ['api_type', 'azure'],
    ['custom_llm_provider', 'openai'],
    ['provider', { order: ['evil'] }],
    ['extra_headers', { authorization: 'Bearer other' }],
    ['headers', { host: 'evil.example' }],
    ['extra_body', { model: 'large' }],
    ['user_config', { model_list: [] }],
    ['model_list', []],
    ['models', ['large']],
    ['fallbacks', ['large']],
    ['route', 'fallback'],
    ['deployment_id', 'x'],
    ['organization', 'org-other'],
    ['litellm_params', {}],
    ['mock_response', 'made up'],
    ['aws_secret_access_key', 'x'],
    ['vertex_credentials', '{}'],
    ['success_callback', ['langfuse']],
    ['kv_transfer_params', {}],
  ])('refuses %s, in both APIs', async (field, value) => {
    const withField = (text: string): string => text.replace(/\}$/, `,${JSON.stringify(field)}:${JSON.stringify(value)}}`);
    const chat = await withNothingArriving(door, () => sendRawTo(door, { key, body: withField(CHAT_TEXT) }));
    expect(refusalIn(chat)).toEqual({ status: 400, shape: 'openai', code: 'field_forbidden' });
    const message = await withNothingArriving(door, () => sendRawTo(door, { key, target: '/v1/messages', body: withField(MESSAGE_TEXT) }));
    expect(refusalIn(message)).toEqual({ status: 400, shape: 'anthropic', code: 'invalid_request_error' });
  });

  it('refuses a tool that names a model of its own', async () => {
    const body = CHAT_TEXT.replace(/\}$/, ',"tools":[{"type":"image_generation","model":"gpt-99"}]}');
    const answer = await withNothingArriving(door, () => sendRawTo(door, { key, body }));
    expect(refusalIn(answer)).toEqual({ status: 400, shape: 'openai', code: 'field_forbidden' });
  });

  it('no template in a text is filled in (X1)', async () => {
    const text = '{{7*7}} ${7*7} #{7*7} <%= 7*7 %> %REQ(authorization)% %DYNAMIC_METADATA(sallyport:allow)%';
    const body = JSON.stringify({ model: 'large', messages: [{ role: 'user', content: text }], user: text });
    expect((await sendRawTo(door, { key, body }))?.status).toBe(200);
    expect(door.providers.alpha.requests.at(-1)?.body.toString()).toBe(body.replace('large', 'alpha-large'));
  });
});

/** Writes pieces without end until the other side has closed; gives the milliseconds that this took. */
async function pour(connection: RawConnection, piece: string): Promise<number> {
  const startedMs = performance.now();
  const pouring = async (): Promise<void> => {
    while (!connection.isClosed() && connection.socket.writable) {
      await connection.send(piece);
    }
  };
  const poured = pouring().catch(() => undefined);
  await connection.closed();
  connection.destroy();
  await poured;
  return performance.now() - startedMs;
}

const heldBytes = (): Promise<number> => door.envoy.stat('server.memory_allocated');
const denied = (): readonly LogLine[] => door.exchanges().filter((line) => line['status'] === 401);

const endless = (lines: readonly string[], target = '/v1/chat/completions'): Buffer =>
  rawRequest(`POST ${target} HTTP/1.1`, ['host: localhost', 'content-type: application/json', 'transfer-encoding: chunked', ...lines]);

describe('a body without end (X4)', () => {
  const piece = rawChunk('a'.repeat(16_384));
  // After a refusal Envoy reads on for a second, so that the client can read it too, and keeps nothing of what it reads.
  const lingerMsMax = 5_000;
  const heldBytesMax = 48 * 1_048_576;

  it.each([
    ['without a credential', []],
    ['with a wrong key', ['authorization: Bearer sk-1234']],
    ['with an endless multipart boundary (CVE-2024-8984)', ['content-type: multipart/form-data; boundary=a']],
  ])('from a client %s is refused at its head, and cut off', async (_name, lines) => {
    using connection = await openRaw(rawTarget(door));
    const [deniedBefore, heldBefore] = [denied().length, await heldBytes()];
    await connection.send(endless(lines));
    await connection.send(piece);
    const answer = await withNothingArriving(door, () => connection.answer());
    expect(refusalIn(answer)).toMatchObject({ status: 401, shape: 'openai' });
    expect(await pour(connection, piece)).toBeLessThan(lingerMsMax);
    expect((await heldBytes()) - heldBefore).toBeLessThan(heldBytesMax);
    const line = await until(() => denied()[deniedBefore], { deadlineMs: 5_000, what: 'the log line' });
    expect(line).toMatchObject({ disposition: 'denied', requestBytes: 0 });
  });

  it('is refused at its head over HTTP/2 too', async () => {
    using stream = openHttp2(rawTarget(door), http2Headers(undefined));
    stream.write('{');
    expect(refusalIn(await withNothingArriving(door, () => stream.answer()))).toEqual(missing);
  });

  it('from a caller we know ends at the limit', async () => {
    using connection = await openRaw(rawTarget(door));
    await connection.send(endless([`authorization: Bearer ${key}`]));
    const heldBefore = await heldBytes();
    const poured = pour(connection, rawChunk('a'.repeat(262_144)));
    const answer = await withNothingArriving(door, () => connection.answer());
    expect(refusalIn(answer)).toEqual({ status: 413, shape: 'openai', code: 'body_too_large' });
    await poured;
    expect((await heldBytes()) - heldBefore).toBeLessThan(heldBytesMax);
  });

  it.each([
    ['/v1/chat/completions', { status: 408, shape: 'openai', code: 'request_timeout' }],
    ['/v1/messages', { status: 408, shape: 'anthropic', code: 'invalid_request_error' }],
  ])('that trickles in ends at the time limit: %s', async (target, expected) => {
    using connection = await openRaw(rawTarget(door));
    await connection.send(endless([`authorization: Bearer ${key}`], target));
    await connection.send(rawChunk('{"model":"large",'));
    const answer = await withNothingArriving(door, () => connection.answer());
    expect(refusalIn(answer)).toEqual(expected);
  });
});
