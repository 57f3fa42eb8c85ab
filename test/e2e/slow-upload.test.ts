import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDoor, type CreatedKey, type Door, type LogLine } from '../support/door.ts';
import type { RawAnswer } from '../support/raw-answer.ts';
import { CHAT_TEXT, rawTarget, refusalIn, sendRawTo, withNothingArriving } from '../support/raw-ask.ts';
import { openRaw, rawRequest } from '../support/raw-http.ts';
import { until } from '../support/wait.ts';

let door: Door;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(async () => {
  await door[Symbol.asyncDispose]();
});

/** ext_proc streams that have not ended: exchanges that were judged by their heads and wait for their bodies. */
const openExchanges = async (): Promise<number> =>
  (await door.envoy.stat('http.edge.ext_proc.streams_started')) - (await door.envoy.stat('http.edge.ext_proc.streams_closed'));

/** Sends a request's head and half its body, does something, sends the rest. */
async function sendAround(created: CreatedKey, between: () => Promise<void>): Promise<RawAnswer | undefined> {
  // That of an earlier test may still be on its way out.
  await until(async () => (await openExchanges()) === 0, { deadlineMs: 5_000, what: 'earlier exchanges to be over' });
  using connection = await openRaw(rawTarget(door));
  const head = ['host: localhost', `authorization: Bearer ${created.key}`, 'content-type: application/json'];
  const length = `content-length: ${String(CHAT_TEXT.length)}`;
  await connection.send(rawRequest('POST /v1/chat/completions HTTP/1.1', [...head, length], CHAT_TEXT.slice(0, 20)));
  await until(async () => (await openExchanges()) > 0, { deadlineMs: 5_000, what: 'the head to be judged' });
  await between();
  await connection.send(CHAT_TEXT.slice(20));
  return await connection.answer();
}

/** Asks what no provider is asked for. */
async function untilRefused(key: string): Promise<void> {
  const ask = { key, method: 'GET', target: '/v1/models', framing: 'none', body: '' } as const;
  await until(async () => (await sendRawTo(door, ask))?.status !== 200, { deadlineMs: 5_000, what: 'the key to be refused' });
}

describe('while a body is on its way', () => {
  it('nothing happens to it otherwise', async () => {
    const answer = await sendAround(await door.createKey(), () => Promise.resolve());
    expect(answer?.status).toBe(200);
  });

  it('a key that is revoked is refused at the decision', async () => {
    const created = await door.createKey();
    const answer = await withNothingArriving(door, () =>
      sendAround(created, async () => {
        expect(await door.store.revoke(created.id, Date.now())).toBe(true);
        await untilRefused(created.key);
      }),
    );
    expect(refusalIn(answer)).toEqual({ status: 401, shape: 'openai', code: 'credential_revoked' });
    // Not the question after it, which is refused, too.
    const isDecision = (line: LogLine): boolean =>
      line['key'] === created.id && line['operation'] === 'chat' && line['disposition'] === 'denied';
    const line = await until(() => door.exchanges().find(isDecision), { deadlineMs: 5_000, what: 'the log line' });
    expect(line).toMatchObject({ code: 'credential_revoked', operation: 'chat', requestBytes: CHAT_TEXT.length });
  });

  it('a caller that is blocked is refused at the decision', async () => {
    const created = await door.createKey({ client: 'uploader' });
    const answer = await withNothingArriving(door, () =>
      sendAround(created, async () => {
        await door.store.block({ kind: 'client', value: 'uploader', reason: 'a test', atMs: Date.now(), abortStreams: false });
        await untilRefused(created.key);
      }),
    );
    expect(refusalIn(answer)).toEqual({ status: 403, shape: 'openai', code: 'caller_blocked' });
  });

  it('a key that expires is refused at the decision', async () => {
    const expiresAtMs = Date.now() + 1_500;
    const created = await door.createKey({ expiresAtMs });
    const answer = await withNothingArriving(door, () => sendAround(created, () => untilRefused(created.key)));
    expect(refusalIn(answer)).toEqual({ status: 401, shape: 'openai', code: 'credential_expired' });
  });
});
