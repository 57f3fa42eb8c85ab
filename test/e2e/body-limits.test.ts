import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDoor, type Door } from '../support/door.ts';
import { http2Headers, rawTarget, refusalIn, sendHttp2To, sendRawTo, withNothingArriving } from '../support/raw-ask.ts';
import type { RawAnswer } from '../support/raw-answer.ts';
import { openHttp2, type Http2Answer } from '../support/raw-http2.ts';
import { openRaw, rawRequest } from '../support/raw-http.ts';

const mebibyte = 1_048_576;
const limitBytes = 11 * mebibyte;

/** A chat whose body has exactly this many bytes. */
function chatOf(bytes: number, model = 'large'): string {
  const head = `{"model":"${model}","messages":[{"role":"user","content":"`;
  const tail = '"}]}';
  return head + 'a'.repeat(bytes - head.length - tail.length) + tail;
}

describe('the size of a request body', () => {
  let door: Door;
  let key: string;
  beforeAll(async () => {
    door = await openDoor({
      settings: (settings) => {
        settings.edge.bodyMax = '11MiB';
      },
    });
    ({ key } = await door.createKey());
    // A plain answer repeats the prompt; these tests are about requests.
    door.providers.alpha.behave({ kind: 'status', status: 200, body: { object: 'chat.completion', choices: [] } });
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
  });

  const send: Readonly<Record<string, (body: string, path?: string) => Promise<RawAnswer | Http2Answer | undefined>>> = {
    'HTTP/1.1, declared': (body, target = '/v1/chat/completions') => sendRawTo(door, { key, body, target }),
    'HTTP/1.1, chunked': (body, target = '/v1/chat/completions') => sendRawTo(door, { key, body, target, framing: 'chunked' }),
    'HTTP/2': (body, path = '/v1/chat/completions') => sendHttp2To(door, key, { ':path': path }, body),
  };

  describe.each(Object.entries(send))('over %s', (_name, sendBody) => {
    it.each([
      ['of 100 KB', 100_000],
      ['of 10 MiB', 10 * mebibyte],
      ['of exactly the limit', limitBytes],
    ])('a body %s reaches the provider byte for byte, but for the model', async (_size, bytes) => {
      const answer = await sendBody(chatOf(bytes));
      expect(answer?.status).toBe(200);
      const received = door.providers.alpha.requests.at(-1);
      expect(received?.complete).toBe(true);
      expect(received?.body.equals(Buffer.from(chatOf(bytes + 'alpha-'.length, 'alpha-large')))).toBe(true);
    });

    it('one byte more is refused in the shape of the API that was called', async () => {
      const answer = await withNothingArriving(door, () => sendBody(chatOf(limitBytes + 1)));
      expect(refusalIn(answer)).toEqual({ status: 413, shape: 'openai', code: 'body_too_large' });
      const other = await withNothingArriving(door, () => sendBody(chatOf(limitBytes + 1), '/v1/messages'));
      expect(refusalIn(other)).toEqual({ status: 413, shape: 'anthropic', code: 'request_too_large' });
    });
  });

  it('an oversize body that is declared is refused before it is sent, over HTTP/1.1', async () => {
    using connection = await openRaw(rawTarget(door));
    const length = `content-length: ${String(limitBytes + 1)}`;
    await connection.send(
      rawRequest('POST /v1/chat/completions HTTP/1.1', [
        'host: localhost',
        `authorization: Bearer ${key}`,
        'content-type: application/json',
        length,
      ]),
    );
    const answer = await withNothingArriving(door, () => connection.answer());
    expect(refusalIn(answer)).toEqual({ status: 413, shape: 'openai', code: 'body_too_large' });
  });

  it('an oversize body that is declared is refused before it is sent, over HTTP/2', async () => {
    using stream = openHttp2(rawTarget(door), http2Headers(key, { 'content-length': String(limitBytes + 1) }));
    const answer = await withNothingArriving(door, () => stream.answer());
    expect(refusalIn(answer)).toEqual({ status: 413, shape: 'openai', code: 'body_too_large' });
  });
});
