import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask, lineSince } from '../support/ask.ts';
import { openDoor, type Door } from '../support/door.ts';
import { warmUp } from '../support/load.ts';
import { metric } from '../support/metrics.ts';
import { makeGate, type Behaviour } from '../support/provider-behaviour.ts';
import type { TestProvider } from '../support/provider.ts';
import { beginHttp1, openSession, openStream, type OpenStream, type Protocol, type StreamRequest } from '../support/sse.ts';
import { until } from '../support/wait.ts';

const waitMs = 10_000;
const manyStreams = 1_100;

let door: Door;
let key: string;
beforeAll(async () => {
  door = await openDoor({
    settings(settings) {
      const large = { provider: 'alpha', model: 'alpha-large' };
      settings.models['quick'] = { targets: [large, { provider: 'beta', model: 'beta-large' }], firstByte: '400ms' };
      settings.policies['standard'] = { models: ['*'] };
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

const chat = (protocol: Protocol, model = 'large', more: object = {}): StreamRequest => ({
  protocol,
  path: '/v1/chat/completions',
  headers: { authorization: `Bearer ${key}` },
  body: { model, stream: true, messages: [{ role: 'user', content: 'a text that is long enough for several pieces' }], ...more },
});
const messages = (protocol: Protocol): StreamRequest => ({
  protocol,
  path: '/v1/messages',
  headers: { 'x-api-key': key, 'anthropic-version': '2023-06-01' },
  body: {
    model: 'claude',
    max_tokens: 100,
    stream: true,
    messages: [{ role: 'user', content: 'a text that is long enough for several pieces' }],
  },
});
const responses = (protocol: Protocol): StreamRequest => ({
  ...chat(protocol),
  path: '/v1/responses',
  body: { model: 'large', stream: true, input: 'several pieces of text' },
});

const noneOpen = async (): Promise<void> => {
  await until(async () => (await metric(door.sidecars, 'sallyport_exchanges_open')) === 0, {
    deadlineMs: waitMs,
    what: 'no exchange to be open',
  });
};

describe.each([
  { name: 'OpenAI chat', request: chat, provider: (): TestProvider => door.providers.alpha },
  { name: 'OpenAI responses', request: responses, provider: (): TestProvider => door.providers.alpha },
  { name: 'Anthropic messages', request: messages, provider: (): TestProvider => door.providers.claude },
])('a stream of $name', ({ request, provider }) => {
  it.each(['HTTP/1.1', 'HTTP/2'] as const)('passes chunk by chunk over %s: none waits for a later one', async (protocol) => {
    const plain = await openStream(door, request(protocol));
    expect(await plain.ended()).toBe('complete');
    const count = plain.events();
    expect(count).toBeGreaterThan(4);
    const gate = makeGate();
    provider().behave({ kind: 'gated', gate });
    const stream = await openStream(door, request(protocol));
    expect(stream.status).toBe(200);
    for (let chunk = 1; chunk <= count; chunk += 1) {
      expect(stream.events()).toBe(chunk - 1);
      gate.release(1);
      await until(() => stream.events() === chunk, { deadlineMs: waitMs, what: `chunk ${String(chunk)}` });
      expect(gate.passed()).toBe(chunk);
    }
    expect(await stream.ended()).toBe('complete');
  });
});

describe('many at once', () => {
  it.each(['HTTP/1.1', 'HTTP/2'] as const)(`${String(manyStreams)} open over %s: all complete`, async (protocol) => {
    const { promise: released, resolve: release } = Promise.withResolvers<null>();
    door.providers.alpha.behave({ kind: 'hang-mid-stream', afterChunks: 1, until: released });
    const sessions = protocol === 'HTTP/2' ? await Promise.all(Array.from({ length: manyStreams / 100 }, () => openSession(door))) : [];
    const streams = await Promise.all(
      Array.from({ length: manyStreams }, (_, index) => openStream(door, chat(protocol), sessions[index % sessions.length])),
    );
    await until(() => streams.every((stream) => stream.events() === 1), { deadlineMs: 30_000, what: 'the first chunk of every stream' });
    expect(await metric(door.sidecars, 'sallyport_exchanges_open')).toBe(manyStreams);
    release(null);
    const endings = await Promise.all(streams.map((stream) => stream.ended(30_000)));
    expect(endings.filter((ending) => ending !== 'complete')).toEqual([]);
    expect(streams.filter((stream) => !stream.received().endsWith('data: [DONE]\n\n'))).toEqual([]);
    await noneOpen();
    for (const session of sessions) {
      session.close();
    }
  });
});

describe.each(['HTTP/1.1', 'HTTP/2'] as const)('a client over %s that goes away', (protocol) => {
  const points: readonly { readonly point: string; readonly behaviour: Behaviour; readonly seen: (stream: OpenStream) => boolean }[] = [
    { point: 'after the head of the answer', behaviour: { kind: 'hang-after-headers' }, seen: (stream) => stream.status === 200 },
    { point: 'mid-stream', behaviour: { kind: 'hang-mid-stream', afterChunks: 3 }, seen: (stream) => stream.events() === 3 },
    { point: 'after the last chunk', behaviour: { kind: 'hang-before-end' }, seen: (stream) => stream.received().includes('data: [DONE]') },
  ];

  it.each(points)('$point releases the provider’s connection and is reported as cut', async ({ behaviour, seen }) => {
    await noneOpen();
    const startedMs = Date.now();
    door.providers.alpha.behave(behaviour);
    const stream = await openStream(door, chat(protocol));
    await until(() => seen(stream), { deadlineMs: waitMs, what: 'the client to be where it leaves' });
    stream.abort();
    await releasedBy(door.providers.alpha);
    await noneOpen();
    expect(await lineSince(door, startedMs)).toMatchObject({ disposition: 'released', provider: 'alpha', status: 200, ending: 'cut' });
  });
});

describe('a client that goes away before its answer', () => {
  it('inside its request: nothing reaches a provider', async () => {
    await noneOpen();
    const startedMs = Date.now();
    const before = door.providers.alpha.traffic();
    const call = beginHttp1(door, chat('HTTP/1.1'));
    call.write('{"model":"large",');
    await until(async () => (await metric(door.sidecars, 'sallyport_exchanges_open')) === 1, {
      deadlineMs: waitMs,
      what: 'the exchange to begin',
    });
    call.destroy();
    await noneOpen();
    expect(door.providers.alpha.traffic()).toEqual(before);
    const line = await lineSince(door, startedMs);
    expect(line).toMatchObject({ disposition: 'abandoned', requestBytes: 0 });
    expect(line).not.toHaveProperty('ending');
  });

  it('after its request: the provider’s connection is released', async () => {
    await noneOpen();
    const startedMs = Date.now();
    const unseen = await metric(door.sidecars, 'sallyport_responses_unseen_total');
    const before = door.providers.alpha.traffic().requests;
    door.providers.alpha.behave({ kind: 'hang-before-headers' });
    const call = beginHttp1(door, chat('HTTP/1.1'));
    call.end(JSON.stringify(chat('HTTP/1.1').body));
    await door.providers.alpha.arrival(before + 1);
    await until(() => door.providers.alpha.requests.at(-1)?.complete, { deadlineMs: waitMs, what: 'the request to be there' });
    call.destroy();
    await releasedBy(door.providers.alpha);
    await noneOpen();
    const line = await lineSince(door, startedMs);
    expect(line).toMatchObject({ disposition: 'released', ending: 'cut' });
    expect(line).not.toHaveProperty('status');
    expect(await metric(door.sidecars, 'sallyport_responses_unseen_total')).toBe(unseen + 1);
  });
});

const releasedBy = (provider: TestProvider): Promise<true> =>
  until(() => provider.requests.at(-1)?.outcome === 'cut', { deadlineMs: waitMs, what: 'the provider’s connection to be released' });

describe('a provider that falls silent', () => {
  it.each(['HTTP/1.1', 'HTTP/2'] as const)(
    'mid-stream is cut after the model’s firstByte, and no other target is asked (%s)',
    async (protocol) => {
      const startedMs = Date.now();
      const before = door.providers.beta.traffic();
      door.providers.alpha.behave({ kind: 'hang-mid-stream', afterChunks: 2 });
      const stream = await openStream(door, chat(protocol, 'quick'));
      expect(await stream.ended()).toBe('cut');
      expect(Date.now() - startedMs).toBeGreaterThan(350);
      expect(stream.events()).toBe(2);
      await releasedBy(door.providers.alpha);
      await noneOpen();
      expect(door.providers.beta.traffic()).toEqual(before);
      expect(await lineSince(door, startedMs)).toMatchObject({ disposition: 'released', ending: 'cut', attempts: 1 });
    },
  );
});

it('reports a stream that its provider broke off as cut', async () => {
  const startedMs = Date.now();
  door.providers.alpha.behave({ kind: 'close-mid-stream', afterChunks: 2, how: 'reset' });
  const stream = await openStream(door, chat('HTTP/1.1'));
  expect(await stream.ended()).toBe('cut');
  expect(await lineSince(door, startedMs)).toMatchObject({ disposition: 'released', status: 200, ending: 'cut' });
});

it('holds none of these ends against the sidecar: one broken connection would take a process out', async () => {
  expect(await door.envoy.stat('cluster.sallyport.outlier_detection.ejections_detected_consecutive_local_origin_failure')).toBe(0);
});

describe('edge.timeouts.streamIdle', () => {
  let idle: Door;
  let idleKey: string;
  beforeAll(async () => {
    idle = await openDoor({
      settings(settings) {
        settings.edge.timeouts = { streamIdle: '1s' };
      },
    });
    ({ key: idleKey } = await idle.createKey());
  });
  afterAll(async () => {
    await idle[Symbol.asyncDispose]();
  });

  it('cuts a stream that is silent for longer', async () => {
    const startedMs = Date.now();
    idle.providers.alpha.behave({ kind: 'hang-mid-stream', afterChunks: 2 });
    const stream = await openStream(idle, { ...chat('HTTP/1.1'), headers: { authorization: `Bearer ${idleKey}` } });
    expect(await stream.ended()).toBe('cut');
    expect(stream.events()).toBe(2);
    await releasedBy(idle.providers.alpha);
    expect(await lineSince(idle, startedMs)).toMatchObject({ disposition: 'released', status: 200, ending: 'cut' });
  });

  it('is a 504 in the API’s shape before the answer began', async () => {
    idle.providers.alpha.behave({ kind: 'hang-before-headers' });
    const answer = await ask(idle, { bearer: idleKey });
    expect(answer).toMatchObject({ status: 504, code: 'gateway_timeout', shape: 'openai' });
    await releasedBy(idle.providers.alpha);
  });
});
