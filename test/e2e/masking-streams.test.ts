import { APIError as AnthropicError } from '@anthropic-ai/sdk';
import { APIError } from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openDoor, type Door, type LogLine } from '../support/door.ts';
import { madeStream, type StreamingOperation } from '../support/made-streams.ts';
import { metric } from '../support/metrics.ts';
import { makeGate } from '../support/provider-behaviour.ts';
import { openStream, type StreamRequest } from '../support/sse.ts';
import { readStream } from '../support/read-streams.ts';
import { until } from '../support/wait.ts';

const deadlineMs = 10_000;
const mail = 'jane.doe@example.com';
/** Of the form of a credential, and none. */
const secret = 'AKIAQZ7WSX4EDC6RFV5T';
const leaking = (operation: StreamingOperation): readonly string[] =>
  madeStream(operation, { texts: [`It is kept: ${secret} and more of it follows here.`, 'nothing'], calls: ['{}', '{}'] }, [5]);

/** Of all complete events so far. */
const textOf = (received: string): string =>
  readStream('chat', received.slice(0, received.lastIndexOf('\n\n') + 2)).deltas.get('text 0') ?? '';

describe('a masked stream', () => {
  let door: Door;
  let key: string;
  beforeAll(async () => {
    door = await openDoor({
      settings: (settings) => {
        settings.masking = { request: { entities: ['personal'] }, response: { entities: { email: 'redact', secret: 'block' } } };
      },
    });
    ({ key } = await door.createKey());
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
  });
  afterEach(() => {
    door.providers.alpha.reset();
    door.providers.claude.reset();
  });

  const chat = (content: string, model = 'large'): StreamRequest => ({
    protocol: 'HTTP/1.1',
    path: '/v1/chat/completions',
    headers: { authorization: `Bearer ${key}` },
    body: { model, stream: true, messages: [{ role: 'user', content }] },
  });
  const logged = (fields: LogLine): Promise<LogLine> =>
    until(() => door.exchanges().find((line) => Object.entries(fields).every(([name, value]) => line[name] === value)), {
      deadlineMs,
      what: `the log line with ${JSON.stringify(fields)}`,
    });

  it('passes with each chunk all but the word that is under way', async () => {
    const content = 'a text of plain words that is long enough for several chunks on their way';
    const said = `You said: ${content}`;
    const gate = makeGate();
    door.providers.alpha.behave({ kind: 'gated', gate });
    const stream = await openStream(door, chat(content));
    gate.release(1);
    for (let sent = 8; sent < said.length; sent += 8) {
      gate.release(1);
      const decided = said.slice(0, sent).replace(/\S*$/, '');
      await until(() => textOf(stream.received()).startsWith(decided), { deadlineMs, what: `"${decided}" to be at the client` });
    }
    gate.open();
    expect(await stream.ended()).toBe('complete');
    expect(textOf(stream.received())).toBe(said);
  });

  it('brings a value back with the chunk that ends its placeholder', async () => {
    const gate = makeGate();
    door.providers.alpha.behave({ kind: 'gated', gate });
    const stream = await openStream(door, chat(`${mail}, and then much more of a text that has not come yet`));
    // The role, and the pieces of eight characters up to the comma.
    gate.release(1 + Math.ceil('You said: PII_EMAIL_ABCDEFGHIJKL, '.length / 8));
    await until(() => textOf(stream.received()).startsWith(`You said: ${mail},`), { deadlineMs, what: 'the value' });
    gate.open();
    expect(await stream.ended()).toBe('complete');
  });

  it.each(['chat', 'responses', 'messages'] as const)(
    'of %s that says what it may not ends with an error that the client raises',
    async (operation) => {
      const gate = makeGate();
      const events = leaking(operation);
      const provider = operation === 'messages' ? door.providers.claude : door.providers.alpha;
      provider.behave({ kind: 'events', events, gate });
      // All but the last: the client hears of it before its provider has ended.
      gate.release(events.length - 1);
      const client = `leak-${operation}`;
      const { key: own } = await door.createKey({ client });
      const heard: string[] = [];
      const hear = async (): Promise<void> => {
        if (operation === 'messages') {
          const ask = { model: 'claude', max_tokens: 100, messages: [{ role: 'user' as const, content: 'hi' }], stream: true as const };
          for await (const each of await door.anthropic(own).messages.create(ask)) {
            heard.push(JSON.stringify(each));
          }
        } else if (operation === 'chat') {
          const ask = { model: 'large', messages: [{ role: 'user' as const, content: 'hi' }], stream: true as const };
          for await (const each of await door.openai(own).chat.completions.create(ask)) {
            heard.push(JSON.stringify(each));
          }
        } else {
          for await (const each of await door.openai(own).responses.create({ model: 'large', input: 'hi', stream: true })) {
            heard.push(JSON.stringify(each));
          }
        }
      };
      await expect(hear()).rejects.toBeInstanceOf(operation === 'messages' ? AnthropicError : APIError);
      expect(heard.length).toBeGreaterThan(1);
      expect(heard.join('')).not.toContain('AKIA');
      expect(heard.join('')).not.toContain('follows');
      await logged({ client, code: 'answer_blocked', foundInAnswer: 'secret block 1' });
    },
  );

  it('is read to its end behind the error, and nothing more of it passes', async () => {
    door.providers.alpha.behave({ kind: 'events', events: leaking('chat') });
    const stream = await openStream(door, chat('hi'));
    expect(await stream.ended()).toBe('complete');
    const read = readStream('chat', stream.received());
    expect(read.error).toContain('may not be passed on');
    expect(read.isDone).toBe(false);
    expect(stream.received()).not.toContain('AKIA');
    await until(() => door.providers.alpha.requests.at(-1)?.outcome === 'answered', { deadlineMs, what: 'the provider to be done' });
  });

  it('keeps a placeholder that its provider cuts off', async () => {
    door.providers.alpha.behave({ kind: 'events', events: [`data: {"choices":[{"index":0,"delta":{"content":"so PII_EMAIL_ABC"}}]}\n`] });
    const stream = await openStream(door, chat(mail));
    expect(await stream.ended()).toBe('complete');
    expect(textOf(stream.received())).toBe('so PII_EMAIL_ABC');
  });

  it('whose client has gone away is logged with what was found, and its provider is let go', async () => {
    const { key: own } = await door.createKey({ client: 'gone-app' });
    const gate = makeGate();
    const events = madeStream('chat', { texts: ['to bob@example.com, and to others as well', 'x'], calls: ['{}', '{}'] }, [100]);
    door.providers.alpha.behave({ kind: 'events', events, gate });
    gate.release(3);
    const stream = await openStream(door, { ...chat(mail), headers: { authorization: `Bearer ${own}` } });
    await until(() => stream.received().includes('REDACTED_EMAIL'), { deadlineMs, what: 'the first text' });
    stream.abort();
    await until(() => door.providers.alpha.requests.at(-1)?.outcome === 'cut', { deadlineMs, what: 'the provider to be let go' });
    const line = await logged({ client: 'gone-app' });
    expect(JSON.stringify(line)).toContain('email redact 1');
    expect(await metric(door.sidecars, 'sallyport_found_total', 'action="redact"')).toBeGreaterThanOrEqual(1);
  });
});
