import Anthropic from '@anthropic-ai/sdk';
import { APIError } from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openDoor, type Door, type LogLine } from '../support/door.ts';
import { HARMFUL, startGuardServer, type GuardServer } from '../support/guard-server.ts';
import { madeStream } from '../support/made-streams.ts';
import { makeGate } from '../support/provider-behaviour.ts';
import { readStream } from '../support/read-streams.ts';
import { openStream, type OpenStream } from '../support/sse.ts';
import { until } from '../support/wait.ts';

const deadlineMs = 10_000;
const window = 64;
const decisionMs = 1_000;
/** Most of what a guard has, which is four fifths of a decision. */
const guardTimeoutMs = 800;
const slowMs = 600;

const OPERATIONS = ['chat', 'messages'] as const;
type Operation = (typeof OPERATIONS)[number];

const plain = 'plain words that nobody minds and that go on '.repeat(12);
const stream = (operation: Operation, text: string): readonly string[] =>
  madeStream(operation, { texts: [text, 'nothing'], calls: ['{}', '{}'] }, [16]);
/** A window in each event. */
const windowEvents = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => {
    const content = `window ${String(index)} `.padEnd(window, '-');
    return `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`;
  });

describe('guards that judge a stream by windows', () => {
  let door: Door;
  let guard: GuardServer;
  beforeAll(async () => {
    guard = await startGuardServer();
    door = await openDoor({
      settings: (settings) => {
        settings.edge.timeouts = { ...settings.edge.timeouts, decision: `${String(decisionMs)}ms` };
        const base = { kind: 'http', url: `${guard.url}/judge`, allowPrivate: true, stream: { window } } as const;
        const timeout = `${String(guardTimeoutMs)}ms`;
        settings.guardrails = [
          { ...base, name: 'windows', on: ['response'], timeout },
          { ...base, name: 'lenient', on: ['response'], timeout, onFault: 'allow' },
        ];
        settings.policies['windows'] = { models: ['*'], guards: ['windows'] };
        settings.policies['lenient'] = { models: ['*'], guards: ['lenient'] };
      },
    });
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
    await guard.close();
  });
  afterEach(() => {
    guard.answerBy(undefined);
    door.providers.alpha.reset();
    door.providers.claude.reset();
  });

  const providerOf = (operation: Operation) => (operation === 'messages' ? door.providers.claude : door.providers.alpha);
  /** Every piece of text, as the API's own client hands it over. */
  async function* textsOf(operation: Operation, key: string): AsyncGenerator<string> {
    if (operation === 'messages') {
      const ask = { model: 'claude', max_tokens: 100, messages: [{ role: 'user' as const, content: 'hi' }], stream: true as const };
      for await (const event of await door.anthropic(key).messages.create(ask)) {
        yield event.type === 'content_block_delta' && event.delta.type === 'text_delta' ? event.delta.text : '';
      }
      return;
    }
    const ask = { model: 'large', messages: [{ role: 'user' as const, content: 'hi' }], stream: true as const };
    for await (const { choices } of await door.openai(key).chat.completions.create(ask)) {
      yield choices.map(({ index, delta }) => (index === 0 ? (delta.content ?? '') : '')).join('');
    }
  }
  const open = (key: string): Promise<OpenStream> =>
    openStream(door, {
      protocol: 'HTTP/1.1',
      path: '/v1/chat/completions',
      headers: { authorization: `Bearer ${key}` },
      body: { model: 'large', stream: true, messages: [{ role: 'user', content: 'hi' }] },
    });
  const logged = (fields: LogLine): Promise<LogLine> =>
    until(() => door.exchanges().find((line) => Object.entries(fields).every(([name, value]) => line[name] === value)), {
      deadlineMs,
      what: `the log line with ${JSON.stringify(fields)}`,
    });
  const answerSlowly = (): void => {
    guard.answerBy((_, response) => {
      setTimeout(() => response.end(JSON.stringify({ flagged: false, score: 0.1 })), slowMs);
    });
  };

  it.each(OPERATIONS)('let the first text of %s go out before its provider has sent the last', async (operation) => {
    const { key } = await door.createKey({ policy: 'windows', client: `first-${operation}` });
    const gate = makeGate();
    const events = stream(operation, plain);
    providerOf(operation).behave({ kind: 'events', events, gate });
    gate.release(events.length - 1);
    let text = '';
    for await (const piece of textsOf(operation, key)) {
      text += piece;
      if (text.length > 0 && gate.passed() < events.length) {
        gate.open();
      }
    }
    expect(gate.passed()).toBe(events.length);
    expect(text.startsWith(plain)).toBe(true);
    await logged({ client: `first-${operation}`, verdicts: 'response: windows clear (0.10)' });
  });

  it.each(OPERATIONS)('end %s with an error that the client raises, before its provider has sent the last', async (operation) => {
    const client = `harm-${operation}`;
    const { key } = await door.createKey({ policy: 'windows', client });
    const gate = makeGate();
    const events = stream(operation, `${plain}and a ${HARMFUL} in it, ${plain}`);
    providerOf(operation).behave({ kind: 'events', events, gate });
    // What comes at once is judged at once, so the harm must come later than some text.
    const early = 20;
    gate.release(early);
    let text = '';
    const hear = async (): Promise<void> => {
      for await (const piece of textsOf(operation, key)) {
        if (text === '' && piece !== '') {
          gate.release(events.length - early - 1);
        }
        text += piece;
      }
    };
    const raised: unknown = await hear().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(raised).toBeInstanceOf(operation === 'messages' ? Anthropic.APIError : APIError);
    expect(String(raised)).toMatch(/guard/);
    expect(gate.passed()).toBeLessThan(events.length);
    expect(text).not.toBe('');
    expect(plain.startsWith(text)).toBe(true);
    gate.open();
    await logged({ client, code: 'guard_flagged', detail: 'response: windows flagged weapons (0.90)' });
  });

  it('may take most of their time for each of many windows that follow each other at once', async () => {
    const { key } = await door.createKey({ policy: 'windows' });
    const count = 6;
    const gate = makeGate();
    door.providers.alpha.behave({ kind: 'events', events: [...windowEvents(count), 'data: [DONE]\n\n'], gate });
    answerSlowly();
    const before = guard.asked.length;
    const messages = (): Promise<number> => door.envoy.stat('http.edge.ext_proc.stream_msgs_sent');
    const timeouts = await door.envoy.stat('http.edge.ext_proc.message_timeouts');
    const answer = await open(key);
    // Each in a message of its own, all but the first while a verdict is awaited.
    for (let index = 0; index < count; index += 1) {
      const sent = await messages();
      gate.release(1);
      await until(async () => (await messages()) > sent, { deadlineMs, what: 'a message of Envoy' });
    }
    expect(guard.asked.length - before).toBeLessThan(count);
    gate.open();
    expect(await answer.ended()).toBe('complete');
    expect(guard.asked.length - before).toBe(count);
    const read = readStream('chat', answer.received());
    expect(read.error).toBeUndefined();
    expect(read.isDone).toBe(true);
    expect(read.deltas.get('text 0')).toHaveLength(count * window);
    expect(await door.envoy.stat('http.edge.ext_proc.message_timeouts')).toBe(timeouts);
  });

  it('pass no more once one does not answer in time, unless it may be away', async () => {
    const silent = 2;
    let asked = 0;
    guard.answerBy((_, response) => {
      asked += 1;
      if (asked <= silent) {
        response.end(JSON.stringify({ flagged: false, score: 0.1 }));
      }
    });
    const events = [...windowEvents(4), 'data: [DONE]\n\n'];
    const answered = async (policy: string): Promise<string> => {
      asked = 0;
      const { key } = await door.createKey({ policy, client: `late-${policy}` });
      const gate = makeGate();
      door.providers.alpha.behave({ kind: 'events', events, gate });
      const answer = await open(key);
      for (let index = 0; index < silent; index += 1) {
        gate.release(1);
        await until(() => answer.received().includes(`window ${String(index)}`), { deadlineMs, what: 'a window that was cleared' });
      }
      gate.open();
      expect(await answer.ended()).toBe('complete');
      return answer.received();
    };
    const refused = await answered('windows');
    expect(readStream('chat', refused).error).toMatch(/could not check the answer/);
    expect(refused).not.toContain('window 2');
    await logged({ client: 'late-windows', code: 'answer_unchecked', detail: 'guard: guard: windows fault timeout' });
    const passed = await answered('lenient');
    expect(readStream('chat', passed).deltas.get('text 0')).toHaveLength(4 * window);
    await logged({ client: 'late-lenient', verdicts: 'response: lenient fault timeout' });
  });

  it('let nothing of a window pass whose provider goes away in the middle of it', async () => {
    const { key } = await door.createKey({ policy: 'windows' });
    const half = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'half of a window' } }] })}\n\n`;
    const gate = makeGate();
    const events = [...windowEvents(1), half, half];
    door.providers.alpha.behave({ kind: 'events', events, gate });
    const answer = await open(key);
    gate.release(1);
    await until(() => answer.received().includes('window 0'), { deadlineMs, what: 'the first window' });
    const sent = await door.envoy.stat('http.edge.ext_proc.stream_msgs_sent');
    gate.release(1);
    await until(async () => (await door.envoy.stat('http.edge.ext_proc.stream_msgs_sent')) > sent, { deadlineMs, what: 'the half window' });
    await door.providers.alpha.refuse();
    expect(await answer.ended()).toBe('cut');
    await door.providers.alpha.accept();
    expect(answer.received()).not.toContain('half');
  });
});
