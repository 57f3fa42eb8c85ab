import { createHash, X509Certificate } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../../src/core/assert.ts';
import { makeCertificates, type Certificates, type KeyPair } from '../support/certificates.ts';
import { openDoor, type Door } from '../support/door.ts';

/** The smallest provider over TLS: what is asked for is whether it is reached. */
async function startTlsServer(
  pair: KeyPair,
  maxVersion: 'TLSv1.2' | 'TLSv1.3',
): Promise<{ readonly server: Server; readonly port: number; requests: number }> {
  const seen = { requests: 0 };
  const server = createServer({ key: pair.key, cert: pair.cert, maxVersion }, (request, response) => {
    seen.requests += 1;
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"object":"chat.completion","choices":[]}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  must(typeof address === 'object' && address !== null, 'a TCP server has a port');
  return Object.assign(seen, { server, port: address.port });
}

const spkiPin = (pair: KeyPair): string =>
  createHash('sha256')
    .update(new X509Certificate(pair.cert).publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');

type Tls = Awaited<ReturnType<typeof startTlsServer>>;

describe('a provider over TLS', () => {
  let door: Door;
  let key: string;
  let certificates: Certificates;
  const servers = new Map<string, Tls>();
  const start = async (name: string, pair: KeyPair, version: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3'): Promise<Tls> => {
    const started = await startTlsServer(pair, version);
    servers.set(name, started);
    return started;
  };

  beforeAll(async () => {
    certificates = await makeCertificates();
    const { server, serverElsewhere, strangerServer } = certificates;
    const cases: readonly (readonly [string, Tls, object])[] = [
      ['good', await start('good', server), {}],
      ['elsewhere', await start('elsewhere', serverElsewhere), {}],
      ['stranger', await start('stranger', strangerServer), {}],
      ['old', await start('old', server, 'TLSv1.2'), {}],
      ['old-allowed', await start('old-allowed', server, 'TLSv1.2'), { minimum: '1.2' }],
      ['pinned', await start('pinned', server), { pins: [spkiPin(server)] }],
      ['mispinned', await start('mispinned', server), { pins: [spkiPin(strangerServer)] }],
    ];
    door = await openDoor({
      settings: (raw) => {
        for (const [name, { port }, tls] of cases) {
          raw.providers[name] = {
            api: 'openai',
            url: `https://localhost:${String(port)}`,
            credential: { secret: 'file:secrets/alpha' },
            tls: { ca: `file:${certificates.ca.certPath}`, ...tls },
            allowPrivate: true,
          };
          raw.models[name] = { targets: [{ provider: name, model: 'm' }] };
        }
        raw.policies['standard'] = { models: ['*'] };
      },
    });
    ({ key } = await door.createKey());
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
    for (const { server } of servers.values()) {
      server.closeAllConnections();
      server.close();
    }
  });

  const ask = async (model: string): Promise<{ readonly status: number; readonly body: string }> => {
    const response = await fetch(`${door.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hello' }] }),
    });
    return { status: response.status, body: await response.text() };
  };

  it.each(['good', 'old-allowed', 'pinned'])('that is what the settings say (%s) is used', async (name) => {
    expect((await ask(name)).status).toBe(200);
    expect(servers.get(name)?.requests).toBe(1);
  });

  it.each(['elsewhere', 'stranger', 'old', 'mispinned'])('that is not what the settings say (%s) gets nothing', async (name) => {
    const answer = await ask(name);
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { type: 'server_error' } });
    expect(servers.get(name)?.requests).toBe(0);
  });
});
