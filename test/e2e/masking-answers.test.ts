import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { parse, stringify } from 'yaml';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { settingsSchema, type SettingsInput } from '../../src/config/schema.ts';
import { ask, chatBody } from '../support/ask.ts';
import { openBooks, type Books } from '../support/books.ts';
import { openDoor, type Door } from '../support/door.ts';
import { plantedValues } from '../support/planted.ts';
import { makeGate } from '../support/provider-behaviour.ts';
import { openStream } from '../support/sse.ts';
import { until } from '../support/wait.ts';

const mail = 'jane.doe@example.com';
const placeholder = /PII_EMAIL_[A-Z2-7]{12}/;
const bodyBytesMax = 2_097_152;

describe('a masked exchange', () => {
  let door: Door;
  let books: Books;
  let key: string;
  beforeAll(async () => {
    door = await openDoor({
      settings: (settings) => {
        settings.edge.bodyMax = '2MiB';
        // A busy machine must not fail a test by the clock.
        settings.edge.timeouts = { store: '1s', decision: '20s' };
        settings.limits = { perClient: { requests: '1k/h', tokens: '100M/h' } };
        const alpha = { provider: 'alpha', model: 'alpha-large' };
        settings.models['large'] = { targets: [alpha], output: { default: 500_000 } };
        settings.models['spare'] = { targets: [alpha, { provider: 'beta', model: 'beta-large' }], output: { default: 100 } };
        settings.masking = { request: { entities: ['personal'] }, response: { entities: { card: 'redact' } } };
      },
    });
    books = await openBooks(door);
    ({ key } = await door.createKey());
  });
  afterAll(async () => {
    await books[Symbol.asyncDispose]();
    await door[Symbol.asyncDispose]();
  });
  afterEach(() => {
    door.providers.alpha.reset();
  });

  const chat = async (content: string, model = 'large'): Promise<string | null | undefined> => {
    const answer = await door.openai(key).chat.completions.create({ model, messages: [{ role: 'user', content }] });
    return answer.choices[0]?.message.content;
  };
  const seenBy = (provider: 'alpha' | 'beta'): string => door.providers[provider].requests.at(-1)?.body.toString() ?? '';

  it('is as masked at the target it fails over to', async () => {
    door.providers.alpha.behave({ kind: 'status', status: 503, body: { error: { message: 'busy' } } }, { times: 1 });
    expect(await chat(`to ${mail}`, 'spare')).toBe(`You said: to ${mail}`);
    expect(seenBy('alpha')).toMatch(placeholder);
    expect(seenBy('beta')).toMatch(placeholder);
    expect(seenBy('alpha') + seenBy('beta')).not.toContain(mail);
  });

  it('is as masked when the client sends it again', async () => {
    door.providers.alpha.behave({ kind: 'status', status: 500, body: { error: { message: 'no' } } }, { times: 1 });
    const retrying = door.openai(key).withOptions({ maxRetries: 1 });
    const answer = await retrying.chat.completions.create({ model: 'large', messages: [{ role: 'user', content: mail }] });
    expect(answer.choices[0]?.message.content).toBe(`You said: ${mail}`);
    const [first, second] = door.providers.alpha.requests.slice(-2).map(({ body }) => placeholder.exec(body.toString())?.[0]);
    expect(first).toBeDefined();
    expect(second).toBe(first);
  });

  it.each([40_000, 300_000])('has its values back in an answer of %i bytes, whole and in a stream', async (bytes) => {
    door.providers.alpha.behave({ kind: 'large', bytes });
    expect((await chat(`${mail} `))?.startsWith(`You said: ${mail} x`)).toBe(true);
    const stream = await openStream(door, {
      protocol: 'HTTP/1.1',
      path: '/v1/chat/completions',
      headers: { authorization: `Bearer ${key}` },
      body: { ...chatBody('large', mail), stream: true },
    });
    expect(await stream.ended()).toBe('complete');
    // Some hundred placeholders are longer than what they stand for.
    expect(stream.received().length).toBeGreaterThan(bytes * 0.9);
    expect(stream.received()).not.toContain('PII_EMAIL');
    expect(stream.received()).toContain('data: [DONE]');
  });

  it('takes a megabyte of values', async () => {
    const [...sentences] = plantedValues(300, 11).map(({ sentence }) => sentence);
    const content = Array.from({ length: Math.ceil(1_000_000 / sentences.join('\n').length) }, () => sentences.join('\n')).join('\n');
    expect(content.length).toBeGreaterThan(1_000_000);
    expect((await chat(content)) === `You said: ${content}`).toBe(true);
    expect(seenBy('alpha')).not.toContain(content.slice(0, 150));
  });

  it('is refused where it is too long with placeholders', async () => {
    const content = 'plain words '.repeat(160_000) + 'a@b.io '.repeat(20_000);
    expect(content.length).toBeLessThan(bodyBytesMax - 100);
    const answered = await ask(door, { bearer: key, body: chatBody('large', content) });
    expect(answered).toMatchObject({ status: 413, code: 'body_too_large' });
    expect(answered.text).toContain('placeholders');
  });

  it('is charged what its provider says, and shows no usage that was not asked for', async () => {
    const { key: own } = await door.createKey({ client: 'paying-app' });
    const asked = { model: 'large', messages: [{ role: 'user' as const, content: `${mail} and 4111 1111 1111 1111` }] };
    const { usage } = await door.openai(own).chat.completions.create(asked);
    let text = '';
    for await (const chunk of await door.openai(own).chat.completions.create({ ...asked, stream: true })) {
      expect(chunk).not.toHaveProperty('usage');
      text += chunk.choices[0]?.delta.content ?? '';
    }
    expect(text).toBe(`You said: ${mail} and 4111 1111 1111 1111`);
    expect(await books.settled('paying-app')).toMatchObject({ requests: 2, tokens: 2 * (usage?.total_tokens ?? 0) });
  });

  it.each([400, 422, 500])('has its values back in an error with status %i that quotes it', async (status) => {
    await chat(mail);
    const [found = ''] = placeholder.exec(seenBy('alpha')) ?? [];
    door.providers.alpha.behave({
      kind: 'status',
      status,
      body: { error: { message: `bad: "${found}"`, type: 'x', param: null, code: null } },
    });
    const answered = await ask(door, { bearer: key, body: chatBody('large', mail) });
    expect(answered.status).toBe(status);
    expect(JSON.parse(answered.text)).toMatchObject({ error: { message: `bad: "${mail}"` } });
  });

  it('passes a page of a proxy, searched as text', async () => {
    door.providers.alpha.behave({ kind: 'status', status: 500, body: '<p>4111 1111 1111 1111</p>' });
    expect(await ask(door, { bearer: key, body: chatBody() })).toMatchObject({ status: 500, text: '<p>[REDACTED_CARD]</p>' });
  });

  it.each([
    ['that is compressed unasked', { kind: 'headers', headers: [['content-encoding', 'gzip']] }],
    [
      'in another charset',
      {
        kind: 'status',
        status: 200,
        body: Buffer.from('4111 1111 1111 1111', 'utf16le'),
        headers: [['content-type', 'text/plain; charset=utf-16le']],
      },
    ],
    ['that is no text', { kind: 'status', status: 200, body: gzipSync('4111 1111 1111 1111') }],
    [
      'that is an event stream by another name',
      {
        kind: 'status',
        status: 200,
        body: ['it is 4111 1111 1', '111 1111'].map((text) => `data: {"choices":[{"index":0,"delta":{"content":"${text}"}}]}\n\n`).join(''),
        headers: [['content-type', 'text/plain']],
      },
    ],
    ['that is too long', { kind: 'large', bytes: bodyBytesMax + 1 }],
  ] as const)('gets no answer %s', async (_, behaviour) => {
    door.providers.alpha.behave(behaviour);
    const answered = await ask(door, { bearer: key, body: chatBody() });
    expect(answered).toMatchObject({ status: 502, code: 'answer_unreadable' });
    expect(answered.headers['x-should-retry']).toBe('false');
  });

  it('keeps its masking while other settings come into force', async () => {
    const gate = makeGate();
    door.providers.alpha.behave({ kind: 'gated', gate }, { times: 1 });
    const stream = await openStream(door, {
      protocol: 'HTTP/1.1',
      path: '/v1/chat/completions',
      headers: { authorization: `Bearer ${key}` },
      body: { ...chatBody('large', `to ${mail}, please`), stream: true },
    });
    const settings: SettingsInput = settingsSchema.parse(parse(readFileSync(door.settingsFile, 'utf8')));
    settings.masking = { request: { entities: { email: 'block' } } };
    writeFileSync(door.settingsFile, stringify(settings));
    await until(async () => (await ask(door, { bearer: key, body: chatBody('large', mail) })).code === 'content_blocked', {
      deadlineMs: 10_000,
      what: 'the new settings to be in force',
    });
    gate.open();
    expect(await stream.ended()).toBe('complete');
    expect(stream.received()).not.toContain('PII_EMAIL');
    expect(stream.received()).toContain('data: [DONE]');
  });

  it('is over for a client that is blocked, and the stream that is under way has its values back', async () => {
    const { key: own } = await door.createKey({ client: 'blocked-app' });
    const gate = makeGate();
    door.providers.alpha.behave({ kind: 'gated', gate }, { times: 1 });
    const stream = await openStream(door, {
      protocol: 'HTTP/1.1',
      path: '/v1/chat/completions',
      headers: { authorization: `Bearer ${own}` },
      body: { ...chatBody('large', 'call +91 98765 43210, please'), stream: true },
    });
    const { code } = await door.sallyport('block', '--client', 'blocked-app', '--reason', 'a test');
    expect(code).toBe(0);
    await until(async () => (await ask(door, { bearer: own })).code === 'caller_blocked', { deadlineMs: 10_000, what: 'the block' });
    gate.open();
    await stream.ended();
    expect(stream.received()).not.toContain('PII_PHONE');
  });
});
