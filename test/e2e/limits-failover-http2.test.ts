import { once } from 'node:events';
import { constants, createSecureServer, type Http2SecureServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../../src/core/assert.ts';
import { openBooks, type Books } from '../support/books.ts';
import { makeCertificates } from '../support/certificates.ts';
import { openDoor, type Door } from '../support/door.ts';
import { postChat } from '../support/orders.ts';

/** What the provider does with a request that it has read. */
type End = (stream: ServerHttp2Stream) => void;

const answers =
  (status: number): End =>
  (stream) => {
    stream.respond({ ':status': status, 'content-type': 'application/json' });
    stream.end('{"object":"chat.completion","choices":[]}');
  };

const resets =
  (code: number): End =>
  (stream) => {
    stream.close(code);
  };

const breaks: End = ({ session }) => {
  must(session !== undefined, 'a stream has a session');
  session.destroy();
};

describe('a first target over HTTP/2 that fails', () => {
  let door: Door;
  let books: Books;
  let server: Http2SecureServer;
  let end = answers(200);
  let reached = 0;
  let clients = 0;
  const sessions = new Set<ServerHttp2Session>();

  beforeAll(async () => {
    const { server: pair, ca } = await makeCertificates();
    server = createSecureServer({ key: pair.key, cert: pair.cert });
    server.on('session', (session) => {
      sessions.add(session);
    });
    server.on('stream', (stream) => {
      reached += 1;
      stream.on('error', () => undefined);
      stream.resume().on('end', () => {
        end(stream);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    must(typeof address === 'object' && address !== null, 'a TCP server has a port');
    door = await openDoor({
      settings: (settings) => {
        settings.providers['modern'] = {
          api: 'openai',
          url: `https://localhost:${String(address.port)}`,
          credential: { secret: 'file:secrets/alpha' },
          tls: { ca: `file:${ca.certPath}` },
          allowPrivate: true,
        };
        settings.models['modern'] = {
          targets: [
            { provider: 'modern', model: 'm' },
            { provider: 'beta', model: 'beta-large' },
          ],
          output: { max: 100 },
        };
        settings.policies['standard'] = { models: ['*'] };
        settings.limits = { perClient: { tokens: '1M/h' } };
      },
    });
    books = await openBooks(door);
  });
  afterAll(async () => {
    await books[Symbol.asyncDispose]();
    await door[Symbol.asyncDispose]();
    for (const session of sessions) {
      session.destroy();
    }
    server.close();
  });

  async function chargedFor(what: End): Promise<number> {
    clients += 1;
    const client = `client-${String(clients)}`;
    const { key } = await door.createKey({ client });
    end = what;
    const before = reached;
    const answer = await postChat(door, key, 'modern');
    expect(answer.status).toBe(200);
    await answer.arrayBuffer();
    expect(reached).toBe(before + 1);
    return (await books.settled(client)).tokens;
  }

  it.each([
    { name: 'answers 502', what: answers(502), isCharged: true },
    { name: 'answers 503', what: answers(503), isCharged: false },
    { name: 'resets the stream', what: resets(constants.NGHTTP2_INTERNAL_ERROR), isCharged: true },
    { name: 'says that it refuses the stream', what: resets(constants.NGHTTP2_REFUSED_STREAM), isCharged: true },
    { name: 'breaks the connection', what: breaks, isCharged: true },
  ])('is charged ($isCharged) by how it does: it $name', async ({ what, isCharged }) => {
    const worst = await chargedFor(answers(200));
    const answered = await chargedFor(answers(429));
    expect(worst).toBeGreaterThan(100);
    expect(answered).toBeLessThan(100);
    expect(await chargedFor(what)).toBe(isCharged ? worst + answered : answered);
  });
});
