import type { RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openClient } from '../../src/adapters/guards/client.ts';
import { openGuards } from '../../src/adapters/guards/guards.ts';
import { GUARD_KINDS, type GuardKind } from '../../src/core/guard.ts';
import { makeCertificates } from '../support/certificates.ts';
import { guardOptions, HARMFUL, startGuardServer, type GuardServer } from '../support/guard-server.ts';
import { until } from '../support/wait.ts';
import { judgeOnce } from './guard.contract.ts';

const canary = 'canary-0123456789';
const fault = (cause: string): object => ({ kind: 'fault', cause });
const signal = (): AbortSignal => AbortSignal.timeout(30_000);
const question = { direction: 'request', texts: ['one'], prompt: undefined } as const;

let server: GuardServer;
beforeEach(async () => {
  server = await startGuardServer();
});
afterEach(async () => {
  await server.close();
});

const status = (code: number, headers: Record<string, string> = {}): RequestListener => {
  return (_request, response) => response.writeHead(code, headers).end(`{"error":{"message":"${canary}"}}`);
};
const text = (body: string): RequestListener => {
  return (_request, response) => response.end(body);
};

/** JSON strings without an end: as long as it is read, it is no wrong answer. */
const endless: RequestListener = (_request, response) => {
  const more = (): void => {
    while (!response.destroyed && response.write('"'.padEnd(16_384))) {
      // Until the buffer is full.
    }
  };
  response.on('drain', more);
  more();
};

describe.each(GUARD_KINDS)('%s gives no verdict', (kind) => {
  it.each<[string, RequestListener, string]>([
    ['a 500', status(500), 'unavailable'],
    ['a 503', status(503), 'unavailable'],
    ['a 429', status(429), 'unavailable'],
    ['a 401', status(401), 'rejected'],
    ['a 404', status(404), 'rejected'],
    ['a 204', (_request, response) => response.writeHead(204).end(), 'rejected'],
    ['a 400', status(400), 'question_refused'],
    ['a 413', status(413), 'question_refused'],
    ['a 422', status(422), 'question_refused'],
    ['broken JSON', text('{"flagged": fal'), 'bad_reply'],
    ['nothing', text(''), 'bad_reply'],
    ['HTML', text(`<html>${canary}</html>`), 'bad_reply'],
    ['null', text('null'), 'bad_reply'],
    ['a text', text('"safe"'), 'bad_reply'],
    ['an empty object', text('{}'), 'bad_reply'],
    ['an empty list', text('[]'), 'bad_reply'],
    ['lists without an end', text('['.repeat(60_000)), 'bad_reply'],
    ['bytes that are not UTF-8', (_request, response) => response.end(Buffer.from([0x22, 0xff, 0x22])), 'bad_reply'],
    ['a compressed answer', (_request, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync('{}')), 'bad_reply'],
    ['an answer without an end', endless, 'answer_too_large'],
    ['a connection that breaks', (request) => request.socket.destroy(), 'unreachable'],
    [
      'another protocol',
      (request) => request.socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n'),
      'bad_reply',
    ],
    ['what is not HTTP', (request) => request.socket.end('SSH-2.0-x\r\n\r\n'), 'unreachable'],
    [
      'an answer that is cut off',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"flagged":', () => response.socket?.destroy());
      },
      'unreachable',
    ],
  ])('for %s', async (_what, listener, cause) => {
    server.answerBy(listener);
    expect(await judgeOnce(guardOptions(kind, server.url), ['one'])).toEqual(fault(cause));
  });

  it.each([301, 302, 303, 307, 308])('for a %d, which is not followed', async (code) => {
    const elsewhere = await startGuardServer();
    server.answerBy(status(code, { location: `${elsewhere.url}/judge` }));
    expect(await judgeOnce(guardOptions(kind, server.url), ['one'])).toEqual(fault('rejected'));
    await elsewhere.close();
    expect(elsewhere.connections()).toBe(0);
  });

  it.each<[string, RequestListener]>([
    ['says nothing', () => undefined],
    ['stops in the middle', (_request, response) => response.writeHead(200, { 'content-length': '100' }).write('{')],
  ])('where the server %s, by its own time and by that of the exchange', async (_what, listener) => {
    server.answerBy(listener);
    for (const [timeoutMs, leftMs] of [
      [100, 30_000],
      [30_000, 100],
    ] as const) {
      const guards = openGuards([guardOptions(kind, server.url, { timeoutMs })]);
      const [answer] = await guards.judge(['safety'], question, AbortSignal.timeout(leftMs));
      guards.close();
      expect(answer?.verdict).toEqual(fault('timeout'));
      expect(answer?.tookMs).toBeLessThan(15_000);
    }
  });

  it('where nobody listens', async () => {
    await server.close();
    expect(await judgeOnce(guardOptions(kind, server.url), ['one'])).toEqual(fault('unreachable'));
    server = await startGuardServer();
  });
});

const moderationOf = (result: object): string =>
  JSON.stringify({ results: [{ flagged: false, categories: {}, category_scores: {}, ...result }] });
const said = (content: unknown): string => JSON.stringify({ choices: [{ message: { role: 'assistant', content } }] });
const found = (entity: object): string => JSON.stringify([[{ entity_type: 'PERSON', start: 0, end: 3, score: 0.9, ...entity }]]);

describe('a verdict that is none', () => {
  it.each<[GuardKind, string, string]>([
    ['llama-guard', said(null), 'bad_reply'],
    ['llama-guard', said(['safe']), 'bad_reply'],
    ['llama-guard', '{"choices":[]}', 'bad_reply'],
    ['llama-guard', said(''), 'no_verdict'],
    ['llama-guard', said('Safe'), 'no_verdict'],
    ['llama-guard', said('safe, I think'), 'no_verdict'],
    ['llama-guard', said('safe\nunsafe'), 'no_verdict'],
    ['llama-guard', said('unsafe S1'), 'no_verdict'],
    ['llama-guard', said(`unsafe\n${canary}`), 'no_verdict'],
    ['llama-guard', said('I cannot help with that.'), 'no_verdict'],
    ['openai-moderation', '{"results":[]}', 'bad_reply'],
    ['openai-moderation', JSON.stringify({ results: [{}, {}] }), 'bad_reply'],
    ['openai-moderation', moderationOf({ flagged: 'false' }), 'bad_reply'],
    ['openai-moderation', moderationOf({ categories: { hate: 0 } }), 'bad_reply'],
    ['openai-moderation', moderationOf({ category_scores: { hate: 1.5 } }), 'bad_reply'],
    ['openai-moderation', moderationOf({ category_scores: undefined }), 'bad_reply'],
    ['presidio', '[[],[]]', 'bad_reply'],
    ['presidio', '[{"entity_type":"PERSON","start":0,"end":3,"score":1}]', 'bad_reply'],
    ['presidio', found({ entity_type: canary.repeat(2) + '!' }), 'bad_reply'],
    ['presidio', found({ score: 2 }), 'bad_reply'],
    ['presidio', found({ score: '1' }), 'bad_reply'],
    ['presidio', found({ start: -1 }), 'bad_reply'],
    ['presidio', found({ start: 0.5 }), 'bad_reply'],
    ['presidio', found({ end: 4 }), 'bad_reply'],
    ['presidio', found({ start: 3, end: 3 }), 'bad_reply'],
    ['presidio', found({ start: 2, end: 1 }), 'bad_reply'],
    ['http', '{"flagged":1}', 'bad_reply'],
    ['http', '{"score":0.1}', 'bad_reply'],
    ['http', '{"flagged":false,"score":1.1}', 'bad_reply'],
    ['http', '{"flagged":false,"score":"0"}', 'bad_reply'],
    ['http', '{"flagged":true,"labels":"weapons"}', 'bad_reply'],
    ['http', JSON.stringify({ flagged: true, labels: Array.from({ length: 65 }, () => 'x') }), 'bad_reply'],
  ])('of %s: %s', async (kind, body, cause) => {
    server.answerBy(text(body));
    expect(await judgeOnce(guardOptions(kind, server.url), ['one'])).toEqual(fault(cause));
  });

  it.each<[string, readonly string[]]>([
    ['unsafe', []],
    ['unsafe\nS1', ['S1']],
    [' \n\nunsafe\nS1, S10,S14\n', ['S1', 'S10', 'S14']],
  ])('but Llama Guard may say %j', async (content, labels) => {
    server.answerBy(text(said(content)));
    expect(await judgeOnce(guardOptions('llama-guard', server.url), ['one'])).toEqual({ kind: 'flagged', labels, score: undefined });
  });

  it('of one call does not hide what another has flagged', async () => {
    let calls = 0;
    server.answerBy((request, response) => {
      calls += 1;
      if (calls === 1) {
        request.socket.destroy();
      } else {
        response.end(JSON.stringify({ results: [{ flagged: true, categories: { hate: true }, category_scores: { hate: 1 } }] }));
      }
    });
    const two = ['x'.repeat(250_000), 'y'.repeat(250_000)];
    expect(await judgeOnce(guardOptions('openai-moderation', server.url), two)).toMatchObject({ kind: 'flagged' });
    calls = 0;
    server.answerBy((_request, response) => {
      calls += 1;
      response.end(calls === 1 ? '{' : moderationOf({}));
    });
    expect(await judgeOnce(guardOptions('openai-moderation', server.url), two)).toEqual(fault('bad_reply'));
  });
});

const judge = async (): Promise<unknown> => judgeOnce(guardOptions('http', server.url), ['one']);

describe('an answer', () => {
  const clear = '{"flagged":false}';

  it('may have 64 KiB and no byte more', async () => {
    server.answerBy(text(clear.padEnd(65_536)));
    expect(await judge()).toMatchObject({ kind: 'clear' });
    server.answerBy(text(clear.padEnd(65_537)));
    expect(await judge()).toEqual(fault('answer_too_large'));
  });

  it('is not taken where it says that it is compressed', async () => {
    server.answerBy((_request, response) => response.setHeader('content-encoding', 'br').end(clear));
    expect(await judge()).toEqual(fault('bad_reply'));
    server.answerBy((_request, response) => response.setHeader('content-encoding', 'identity').end(clear));
    expect(await judge()).toMatchObject({ kind: 'clear' });
  });

  it('is not taken where a byte of it is no UTF-8', async () => {
    server.answerBy((_request, response) => response.end(Buffer.from('{"flagged":false,"labels":["ÿ"]}', 'latin1')));
    expect(await judge()).toEqual(fault('bad_reply'));
  });
});

describe('connections of a guard', () => {
  it('are kept', async () => {
    const guards = openGuards([guardOptions('http', server.url)]);
    for (let time = 0; time < 5; time += 1) {
      await guards.judge(['safety'], question, signal());
    }
    guards.close();
    expect(server.connections()).toBe(1);
  });

  it('that the server closed in between are no fault', async () => {
    const guards = openGuards([guardOptions('http', server.url)]);
    for (let time = 0; time < 5; time += 1) {
      const [answer] = await guards.judge(['safety'], question, signal());
      expect(answer?.verdict).toMatchObject({ kind: 'clear' });
      server.dropConnections();
    }
    guards.close();
  });

  it('are used once more where the server closed one as it was used, and no third time', async () => {
    const guards = openGuards([guardOptions('http', server.url)]);
    await guards.judge(['safety'], question, signal());
    server.answerBy((request) => request.socket.destroy());
    const [answer] = await guards.judge(['safety'], question, signal());
    guards.close();
    expect(answer?.verdict).toEqual(fault('unreachable'));
    expect(server.asked).toHaveLength(3);
  });

  it('are at most 32, and 256 questions wait for them; one more has none', async () => {
    const waiting: (() => void)[] = [];
    server.answerBy((_request, response) => waiting.push(() => response.end('{"flagged":false}')));
    const guards = openGuards([guardOptions('http', server.url, { timeoutMs: 30_000 })]);
    const asked = Array.from({ length: 257 }, async () => guards.judge(['safety'], question, signal()));
    await until(() => waiting.length === 32, { deadlineMs: 10_000, what: 'all connections to be in use' });
    const [answer] = (await asked[256]) ?? [];
    expect(answer?.verdict).toEqual(fault('overload'));
    expect(server.connections()).toBe(32);
    server.answerBy(text('{"flagged":false}'));
    waiting.forEach((each) => {
      each();
    });
    const all = (await Promise.all(asked.slice(0, 256))).flat();
    expect(all.filter(({ verdict }) => verdict.kind === 'clear')).toHaveLength(256);
    guards.close();
  });

  it('end with what is under way when the guards are closed', async () => {
    const waiting: (() => void)[] = [];
    server.answerBy((_request, response) => waiting.push(() => response.end('{"flagged":true}')));
    const guards = openGuards([guardOptions('http', server.url)]);
    const answers = guards.judge(['safety'], question, signal());
    await until(() => waiting.length === 1, { deadlineMs: 10_000, what: 'the question' });
    guards.close();
    waiting[0]?.();
    expect((await answers)[0]?.verdict.kind).toBe('flagged');
  });
});

describe('the address of a guard', () => {
  it.each([
    'http://127.0.0.1',
    'https://localhost',
    'https://10.0.0.1',
    'http://guard.example',
    'https://user:word@guard.example',
    'https://[::ffff:127.0.0.1]',
  ])('cannot be %s unless the settings allow it', (url) => {
    expect(() => openGuards([guardOptions('http', url, { allowPrivate: false })])).toThrow('unsafe URLs');
  });

  it.each(['https://169.254.169.254', 'https://metadata.google.internal', 'http://8.8.8.8', 'https://0.0.0.0'])(
    'cannot be %s whatever they allow',
    (url) => {
      expect(() => openGuards([guardOptions('http', url)])).toThrow('unsafe URLs');
    },
  );

  it.each(['http://localhost', 'https://localhost', 'http://127.0.0.1', 'https://[::ffff:127.0.0.1]'])(
    'is judged once more when %s is connected to: a name may lead elsewhere by then',
    async (origin) => {
      const allowance = { allowLoopback: false, allowPrivate: true };
      const url = new URL(`${origin}:${new URL(server.url).port}/judge`);
      const client = openClient({ url, allowance, ca: undefined, key: undefined, answerBytesMax: 1_024 });
      await expect(client.post({ input: canary }, signal())).rejects.toMatchObject({ name: 'GuardError', code: 'refused_address' });
      client.close();
      expect(server.connections()).toBe(0);
    },
  );
});

describe('a guard over TLS', () => {
  it('is asked where its certificate is vouched for, by the authority that is set', async () => {
    const { ca, server: pair } = await makeCertificates();
    const tls = await startGuardServer(pair);
    const verdict = await judgeOnce(guardOptions('http', tls.url, { ca: ca.cert }), [HARMFUL]);
    await tls.close();
    expect(verdict).toMatchObject({ kind: 'flagged' });
  });

  it('is not told a word otherwise', async () => {
    const { ca, server: pair, serverElsewhere, strangerServer } = await makeCertificates();
    for (const [certificate, authority] of [
      [pair, undefined],
      [serverElsewhere, ca.cert],
      [strangerServer, ca.cert],
    ] as const) {
      const tls = await startGuardServer(certificate);
      expect(await judgeOnce(guardOptions('http', tls.url, { ca: authority }), [canary])).toEqual(fault('untrusted'));
      expect(tls.asked).toHaveLength(0);
      await tls.close();
    }
  });

  it('nor one that speaks no TLS', async () => {
    expect(await judgeOnce(guardOptions('http', server.url.replace('http:', 'https:')), [canary])).toEqual(fault('untrusted'));
  });
});
