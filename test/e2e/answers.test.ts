import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { singleHeader } from '../../src/cli/demo/provider-answer.ts';
import { openDoor, type Door } from '../support/door.ts';
import { warmUp } from '../support/load.ts';
import { postChat } from '../support/orders.ts';
import { TELLTALE_HEADERS, type Behaviour } from '../support/provider-behaviour.ts';
import { until } from '../support/wait.ts';

const bodyMaxBytes = 65_536;

let door: Door;
let key: string;
beforeAll(async () => {
  door = await openDoor({
    settings(settings) {
      settings.edge.bodyMax = `${String(bodyMaxBytes)}B`;
    },
  });
  ({ key } = await door.createKey());
  await warmUp(door, key);
});
afterAll(async () => {
  await door[Symbol.asyncDispose]();
});
afterEach(() => {
  door.providers.alpha.reset();
  door.providers.claude.reset();
});

const postMessage = (more: object = {}): Promise<Response> =>
  fetch(`${door.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ model: 'claude', max_tokens: 100, messages: [{ role: 'user', content: 'hello' }], ...more }),
  });

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Resolves when a line about an exchange says all of this; lines before `from` are not looked at. */
const reported = (from: number, facts: Readonly<Record<string, unknown>>): Promise<unknown> =>
  until(
    () =>
      door
        .exchanges()
        .slice(from)
        .find((line) => Object.entries(facts).every(([name, value]) => line[name] === value)),
    {
      deadlineMs: 5_000,
      what: `an exchange with ${JSON.stringify(facts)}`,
    },
  );

const accessLines = (): readonly unknown[] =>
  door.envoy
    .accessLog()
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));

describe.each([
  { api: 'OpenAI', stream: false, ask: () => postChat(door, key, 'large') },
  { api: 'OpenAI', stream: true, ask: () => postChat(door, key, 'large', { more: { stream: true } }) },
  { api: 'Anthropic', stream: false, ask: () => postMessage() },
  { api: 'Anthropic', stream: true, ask: () => postMessage({ stream: true }) },
])('an answer of $api (stream $stream)', ({ api, ask }) => {
  const provider = (): Door['providers']['alpha'] => (api === 'OpenAI' ? door.providers.alpha : door.providers.claude);

  it('loses the headers that are the gateway’s or the provider’s own matter, and keeps the rest', async () => {
    provider().behave({ kind: 'headers', headers: [...TELLTALE_HEADERS, ['x-kept', 'yes'], ['server', 'provider-canary']] });
    const answer = await ask();
    expect(answer.status).toBe(200);
    await answer.arrayBuffer();
    const names = [...answer.headers.keys()];
    for (const [name] of TELLTALE_HEADERS) {
      expect(names).not.toContain(name);
    }
    expect(JSON.stringify([...answer.headers])).not.toContain('canary');
    expect(answer.headers.get('x-kept')).toBe('yes');
    expect(answer.headers.get('server')).toBe('sallyport');
  });

  it('loses them from an error too', async () => {
    provider().behave({ kind: 'status', status: 429, body: { error: 'slow' }, headers: [...TELLTALE_HEADERS, ['retry-after', '3']] });
    const answer = await ask();
    expect(answer.status).toBe(429);
    expect(JSON.stringify([...answer.headers])).not.toContain('canary');
    expect(answer.headers.get('retry-after')).toBe('3');
  });

  it('is never asked for in compressed form', async () => {
    provider().behave({ kind: 'gzip' });
    const answer = await ask();
    expect(answer.headers.get('content-encoding')).toBeNull();
    await expect(answer.text()).resolves.toContain('You said');
    expect(singleHeader(provider().requests.at(-1)?.headers ?? [], 'accept-encoding')).toBeUndefined();
  });
});

describe('an answer that would take its client elsewhere', () => {
  it.each([301, 302, 303, 307, 308])('takes nobody along (%i), whose client follows redirects with key and prompt', async (status) => {
    const keys: unknown[] = [];
    const elsewhere = createServer((request, response) => {
      keys.push(request.headers['x-api-key']);
      response.end();
    });
    elsewhere.listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const headers = [['location', `http://127.0.0.1:${String(portOf(elsewhere))}/v1/messages`]] as const;
    door.providers.claude.behave({ kind: 'status', status, body: { error: 'moved' }, headers });
    const answer = await postMessage();
    elsewhere.close();
    expect(keys).toEqual([]);
    expect(answer.status).toBe(status);
    await expect(answer.json()).resolves.toEqual({ error: 'moved' });
  });
});

describe('an answer far larger than every buffer', () => {
  const bytes = 17 * 1_024 * 1_024;

  it('passes whole where it has a length', async () => {
    const count = door.exchanges().length;
    door.providers.alpha.behave({ kind: 'large', bytes });
    const answer = await postChat(door, key, 'large');
    const body = await answer.arrayBuffer();
    expect(answer.status).toBe(200);
    expect(body.byteLength).toBeGreaterThanOrEqual(bytes);
    await reported(count, { status: 200, ending: 'complete', responseBytes: body.byteLength });
  });

  it('passes whole where it has none', async () => {
    const count = door.exchanges().length;
    const text = Buffer.from(JSON.stringify({ text: 'x'.repeat(bytes) }));
    door.providers.alpha.behave({ kind: 'status', status: 200, body: text, chunked: true });
    const answer = await postChat(door, key, 'large');
    const body = Buffer.from(await answer.arrayBuffer());
    expect(answer.status).toBe(200);
    expect(body.equals(text)).toBe(true);
    await reported(count, { status: 200, ending: 'complete', responseBytes: text.length });
  });

  it('passes whole as a stream', async () => {
    door.providers.alpha.behave({ kind: 'large', bytes });
    const answer = await postChat(door, key, 'large', { more: { stream: true } });
    const text = await answer.text();
    expect(text.length).toBeGreaterThanOrEqual(bytes);
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
  });

  it.each([bodyMaxBytes - 1, bodyMaxBytes, bodyMaxBytes + 1, 262_143, 262_144, 262_145])('passes whole at %i bytes', async (size) => {
    const text = Buffer.alloc(size, 'y');
    door.providers.alpha.behave({ kind: 'status', status: 200, body: text });
    const answer = await postChat(door, key, 'large');
    expect(answer.status).toBe(200);
    expect(Buffer.from(await answer.arrayBuffer()).equals(text)).toBe(true);
    // Envoy takes the length away where the answer is seen piece by piece.
    expect(answer.headers.get('content-length')).toBe(size <= bodyMaxBytes ? String(size) : null);
  });
});

const errorBody = (code: number): object => ({
  error: { message: `the provider's words about ${String(code)}`, type: 'x', odd: [1, null] },
});

it('a switch of protocols that nobody asked for is no answer', async () => {
  const count = door.exchanges().length;
  door.providers.alpha.behave({
    kind: 'status',
    status: 101,
    headers: [
      ['upgrade', 'websocket'],
      ['connection', 'upgrade'],
    ],
  });
  const answer = await postChat(door, key, 'large');
  expect(answer.status).toBe(502);
  expect(await answer.json()).toMatchObject({ error: { code: 'answer_unreadable' } });
  await reported(count, { status: 502, code: 'answer_unreadable', detail: 'status 101' });
});

describe('a provider’s own error', () => {
  it.each([400, 404, 409, 422, 429, 500, 502, 503, 529])('%i passes with its body and retry-after, to either API', async (code) => {
    const answers: Behaviour = { kind: 'status', status: code, body: errorBody(code), headers: [['retry-after', '11']] };
    const count = door.exchanges().length;
    for (const [provider, ask] of [
      [door.providers.alpha, () => postChat(door, key, 'large')],
      [door.providers.claude, () => postMessage()],
    ] as const) {
      const before = provider.traffic().requests;
      provider.behave(answers);
      const answer = await ask();
      expect(answer.status).toBe(code);
      expect(answer.headers.get('retry-after')).toBe('11');
      await expect(answer.json()).resolves.toEqual(errorBody(code));
      expect(provider.traffic().requests).toBe(before + 1);
    }
    await reported(count, { status: code, ending: 'complete', disposition: 'released' });
  });
});

describe('an answer without a body', () => {
  it.each([
    { name: '200 with length 0', behaviour: { kind: 'status', status: 200, body: '' } },
    { name: '200 without a length', behaviour: { kind: 'status', status: 200, body: '', chunked: true } },
    { name: '204', behaviour: { kind: 'status', status: 204, body: '' } },
    { name: '500 with length 0', behaviour: { kind: 'status', status: 500, body: '' } },
  ] as const satisfies readonly { readonly name: string; readonly behaviour: Behaviour }[])('$name passes', async ({ behaviour }) => {
    const count = door.exchanges().length;
    door.providers.alpha.behave(behaviour);
    const answer = await postChat(door, key, 'large');
    expect(answer.status).toBe(behaviour.status);
    await expect(answer.text()).resolves.toBe('');
    await reported(count, { status: behaviour.status, ending: 'complete' });
  });
});

it('has the same exchange id in Envoy’s access log and in the sidecar’s, released or refused', async () => {
  const from = door.exchanges().length;
  await (await postChat(door, key, 'small')).arrayBuffer();
  await (await postChat(door, key, 'none-such')).arrayBuffer();
  await reported(from, { model: 'small', status: 200 });
  await reported(from, { code: 'model_not_allowed' });
  const logged = z.array(z.looseObject({ exchange: z.string() }));
  for (const { exchange } of door.exchanges().slice(from)) {
    await until(() => logged.parse(accessLines()).some((line) => line.exchange === exchange), {
      deadlineMs: 5_000,
      what: `access log of ${String(exchange)}`,
    });
  }
});
