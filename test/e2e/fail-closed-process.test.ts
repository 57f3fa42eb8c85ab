import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDoor, type Door } from '../support/door.ts';
import { CHAT_TEXT, rawTarget, refusalIn, sendRawTo, withNothingArriving, type RawAsk, type Refused } from '../support/raw-ask.ts';
import { openRaw, rawRequest } from '../support/raw-http.ts';
import { until } from '../support/wait.ts';

const unanswered: Refused = { status: 503, shape: 'openai', code: 'gateway_unavailable' };

/** One door through its life; each test begins where the one before ended. */
describe('a sidecar', () => {
  let door: Door;
  let key: string;
  beforeAll(async () => {
    door = await openDoor({
      startSidecars: false,
      // Envoy's own is 15 seconds: how long it holds its start for a key that nobody answers.
      envoy: (text) => text.replaceAll(/^( *)sds_config:$/gm, '$1sds_config:\n$1  initial_fetch_timeout: 1s'),
    });
    ({ key } = await door.createKey());
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
  });

  it.each<[name: string, asked: RawAsk, expected: Refused]>([
    ['a chat', {}, unanswered],
    ['a message', { target: '/v1/messages' }, { status: 503, shape: 'anthropic', code: 'overloaded_error' }],
    ['a listing', { method: 'GET', target: '/v1/models', framing: 'none', body: '' }, unanswered],
    ['an unknown path', { target: '/anything' }, unanswered],
  ])('that is not there yet: %s is a 503 of its API', async (_name, asked, expected) => {
    const answer = await withNothingArriving(door, () => sendRawTo(door, { key, ...asked }));
    expect(refusalIn(answer)).toEqual(expected);
  });

  const streams = (): Promise<number> => door.envoy.stat('http.edge.ext_proc.streams_started');
  const untilServed = (): Promise<boolean> =>
    until(async () => (await sendRawTo(door, { key }))?.status === 200, { deadlineMs: 10_000, what: 'requests to be served' });

  it('that comes after Envoy is found within seconds, and its keys with it', async () => {
    await door.startSidecar(0);
    await untilServed();
  });

  it('that is killed while a body is on its way decides nothing any more', async () => {
    using connection = await openRaw(rawTarget(door));
    const head = ['host: localhost', `authorization: Bearer ${key}`, 'content-type: application/json'];
    const length = `content-length: ${String(CHAT_TEXT.length)}`;
    const startedBefore = await streams();
    await connection.send(rawRequest('POST /v1/chat/completions HTTP/1.1', [...head, length], CHAT_TEXT.slice(0, 20)));
    await until(async () => (await streams()) > startedBefore, { deadlineMs: 5_000, what: 'the head to be judged' });
    const answer = await withNothingArriving(door, async () => {
      await door.sidecars[0]?.stop('SIGKILL');
      await connection.send(CHAT_TEXT.slice(20));
      return connection.answer();
    });
    expect(refusalIn(answer)).toEqual(unanswered);
  });

  it('that is dead lets nothing pass', async () => {
    for (let count = 0; count < 20; count += 1) {
      const answer = await withNothingArriving(door, () => sendRawTo(door, { key }));
      expect(refusalIn(answer)).toEqual(unanswered);
    }
  });

  it('that is started again serves again within seconds', async () => {
    await door.startSidecar(0);
    await untilServed();
  });
});
