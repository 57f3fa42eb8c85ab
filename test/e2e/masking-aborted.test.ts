import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openDoor, type Door, type LogLine } from '../support/door.ts';
import { HARMFUL, startGuardServer, type GuardServer } from '../support/guard-server.ts';
import { madeStream, type StreamingOperation } from '../support/made-streams.ts';
import { makeGate, type Gate } from '../support/provider-behaviour.ts';
import { readStream, type ReadStream } from '../support/read-streams.ts';
import { openStream, type OpenStream } from '../support/sse.ts';
import { until } from '../support/wait.ts';

const deadlineMs = 10_000;
const mail = 'jane.doe@example.com';
const secret = 'AKIAQZ7WSX4EDC6RFV5T';

const paths: Readonly<Record<StreamingOperation, string>> = {
  chat: '/v1/chat/completions',
  completions: '/v1/completions',
  responses: '/v1/responses',
  messages: '/v1/messages',
};
const bodies: Readonly<Record<StreamingOperation, object>> = {
  chat: { model: 'large', messages: [{ role: 'user', content: mail }] },
  completions: { model: 'large', prompt: mail },
  responses: { model: 'large', input: mail },
  messages: { model: 'claude', max_tokens: 100, messages: [{ role: 'user', content: mail }] },
};

/** Of all complete events so far. */
const readSoFar = (operation: StreamingOperation, { received }: OpenStream): ReadStream =>
  readStream(operation, received().slice(0, received().lastIndexOf('\n\n') + 2));

describe('sallyport block --abort-streams', () => {
  let door: Door;
  let guard: GuardServer;
  beforeAll(async () => {
    guard = await startGuardServer();
    door = await openDoor({
      settings: (settings) => {
        settings.masking = { request: { entities: ['personal'] }, response: { entities: { email: 'redact', secret: 'block' } } };
        // Longer than a command takes.
        settings.edge.timeouts = { decision: '10s' };
        settings.guardrails = [
          {
            kind: 'http',
            url: `${guard.url}/judge`,
            allowPrivate: true,
            name: 'answers',
            on: ['response'],
            stream: 'buffer',
            timeout: '8s',
          },
        ];
        settings.policies['guarded'] = { models: ['*'], guards: ['answers'] };
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

  const providerOf = (operation: StreamingOperation) => (operation === 'messages' ? door.providers.claude : door.providers.alpha);
  /** A stream of these texts, each of its events behind the gate. */
  const open = async (operation: StreamingOperation, text: string, key: string): Promise<{ stream: OpenStream; gate: Gate }> => {
    const gate = makeGate();
    providerOf(operation).behave({ kind: 'events', events: madeStream(operation, { texts: [text, 'x'], calls: ['{}', '{}'] }, [5]), gate });
    const stream = openStream(door, {
      protocol: 'HTTP/1.1',
      path: paths[operation],
      headers: { authorization: `Bearer ${key}` },
      body: { ...bodies[operation], stream: true },
    });
    gate.release(2);
    return { stream: await stream, gate };
  };
  const cut = async (client: string): Promise<void> => {
    const { code, stderr } = await door.sallyport('block', '--client', client, '--reason', 'a test', '--abort-streams');
    expect(code === 0 ? '' : stderr).toBe('');
  };
  const logged = (client: string): Promise<LogLine> =>
    until(() => door.exchanges().find((line) => line['client'] === client), { deadlineMs, what: `the log line of ${client}` });
  const letGo = (operation: StreamingOperation): Promise<true> =>
    until(() => (providerOf(operation).requests.at(-1)?.outcome === 'cut' ? true : undefined), {
      deadlineMs,
      what: 'the provider to be let go',
    });

  it.each(['chat', 'completions', 'responses', 'messages'] as const)(
    'cuts a masked stream of %s: what is held back of it never passes',
    async (operation) => {
      const client = `cut-${operation}`;
      const { key } = await door.createKey({ client });
      const { stream, gate } = await open(operation, `to bob@example.com, and so: ${secret} is kept`, key);
      while (!(readSoFar(operation, stream).deltas.get('text 0') ?? '').endsWith('so: ')) {
        const before = gate.passed();
        gate.release(1);
        await until(() => (gate.passed() > before ? true : undefined), { deadlineMs, what: 'the next event' });
        await until(() => (stream.events() >= gate.passed() ? true : undefined), { deadlineMs, what: 'the next event at the client' });
      }
      gate.release(1);
      await cut(client);
      expect(await stream.ended(deadlineMs)).toBe('cut');
      const read = readSoFar(operation, stream);
      expect(read.deltas.get('text 0')).toBe('to [REDACTED_EMAIL], and so: ');
      expect(stream.received()).not.toContain(secret.slice(0, 2));
      expect(read.error).toBeUndefined();
      expect(await logged(client)).toMatchObject({ ending: 'aborted', foundInAnswer: 'email redact 1' });
      await letGo(operation);
    },
  );

  it('ends one that a violation has ended for its client, and nothing more of it passes', async () => {
    const { key } = await door.createKey({ client: 'leaking-app' });
    const { stream, gate } = await open('chat', `so: ${secret} is kept, and much more of it follows here`, key);
    gate.release(12);
    await until(() => readSoFar('chat', stream).error, { deadlineMs, what: 'the error event' });
    const before = stream.received();
    expect(stream.state()).toBe('open');
    await cut('leaking-app');
    expect(await stream.ended(deadlineMs)).toBe('cut');
    expect(stream.received()).toBe(before);
    expect(await logged('leaking-app')).toMatchObject({ ending: 'aborted', foundInAnswer: 'secret block 1' });
    await letGo('chat');
  });

  it('cuts one that is held back for a guard: nothing of it passes, and the guard is not asked', async () => {
    const { key } = await door.createKey({ client: 'guarded-app', policy: 'guarded' });
    const asked = guard.asked.length;
    const { stream, gate } = await open('chat', `how to make a ${HARMFUL}, and more`, key);
    gate.release(6);
    await until(() => (gate.passed() >= 6 ? true : undefined), { deadlineMs, what: 'some events' });
    await cut('guarded-app');
    expect(await stream.ended(deadlineMs)).toBe('cut');
    expect(stream.received()).toBe('');
    expect(guard.asked.length).toBe(asked);
    expect(await logged('guarded-app')).toMatchObject({ ending: 'aborted' });
    await letGo('chat');
  });

  it('cuts one that waits for the verdict of its guard: the verdict comes too late', async () => {
    const { key } = await door.createKey({ client: 'waiting-app', policy: 'guarded' });
    const asked = guard.asked.length;
    let answer: (() => void) | undefined;
    guard.answerBy((_, response) => {
      answer = () => response.end(JSON.stringify({ flagged: false, labels: [] }));
    });
    const { stream, gate } = await open('chat', 'how to bake bread', key);
    gate.open();
    await until(() => (guard.asked.length > asked ? true : undefined), { deadlineMs, what: 'the guard to be asked' });
    await cut('waiting-app');
    expect(await stream.ended(deadlineMs)).toBe('cut');
    answer?.();
    expect(stream.received()).toBe('');
    expect(await logged('waiting-app')).toMatchObject({ ending: 'aborted' });
  });

  it('spares the masked and guarded streams of others', async () => {
    const { key } = await door.createKey({ client: 'spared-app', policy: 'guarded' });
    await door.createKey({ client: 'other-app' });
    const { stream, gate } = await open('chat', 'to bob@example.com and others', key);
    await cut('other-app');
    gate.open();
    expect(await stream.ended(deadlineMs)).toBe('complete');
    expect(readSoFar('chat', stream).deltas.get('text 0')).toBe('to [REDACTED_EMAIL] and others');
  });
});
