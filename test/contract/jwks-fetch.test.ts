import { createServer as createTlsServer } from 'node:https';
import { createServer, type RequestListener, type Server } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { fetchText } from '../../src/adapters/jwks/fetch-text.ts';
import { openTokenKeys } from '../../src/adapters/jwks/token-keys.ts';
import { makeCertificates } from '../support/certificates.ts';
import { listen } from '../support/identity-provider.ts';

const local = { allowLoopback: true, allowPrivate: true };
const nothing = { allowLoopback: false, allowPrivate: false };
const limits = { bytesMax: 1_024, timeoutMs: 5_000 };

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }
});

async function serve(server: Server): Promise<number> {
  servers.push(server);
  return listen(server, 0);
}

const serveHttp = async (listener: RequestListener): Promise<URL> =>
  new URL(`http://127.0.0.1:${String(await serve(createServer(listener)))}/jwks`);

describe('fetchText', () => {
  it('gives the text of a plain 200', async () => {
    const url = await serveHttp((request, response) => response.end(`${request.method ?? ''} ${request.url ?? ''}`));
    expect(await fetchText(url, local, limits)).toBe('GET /jwks');
  });

  it('takes as many bytes as allowed', async () => {
    const url = await serveHttp((_request, response) => response.end('x'.repeat(1_024)));
    expect(await fetchText(url, local, limits)).toHaveLength(1_024);
  });

  const bad: readonly [string, RequestListener, string][] = [
    ['one byte too many', (_request, response) => response.end('x'.repeat(1_025)), 'too_large'],
    ['a compressed answer', (_request, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync('{}')), 'bad_reply'],
    ['204', (_request, response) => response.writeHead(204).end(), 'bad_reply'],
    ['404', (_request, response) => response.writeHead(404).end('{"keys":[]}'), 'bad_reply'],
    ['500', (_request, response) => response.writeHead(500).end('{"keys":[]}'), 'bad_reply'],
    ['bytes that are not UTF-8', (_request, response) => response.end(Buffer.from([0x7b, 0xff, 0x7d])), 'bad_reply'],
    ['a connection that breaks', (request) => request.socket.destroy(), 'unreachable'],
    [
      'an answer that is cut off',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"keys":', () => response.socket?.destroy());
      },
      'unreachable',
    ],
    [
      'another protocol',
      (request) => request.socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n'),
      'bad_reply',
    ],
    ['what is not HTTP', (request) => request.socket.end('SSH-2.0-x\r\n\r\n'), 'unreachable'],
  ];

  it.each(bad)('refuses %s', async (_what, listener, code) => {
    const url = await serveHttp(listener);
    await expect(fetchText(url, local, limits)).rejects.toMatchObject({ name: 'TokenKeysError', code });
  });

  it.each([301, 302, 303, 307, 308])('does not follow a %d', async (status) => {
    let followed = 0;
    const target = await serveHttp((_request, response) => {
      followed += 1;
      response.end('{"keys":[]}');
    });
    const url = await serveHttp((_request, response) => response.writeHead(status, { location: target.href }).end());
    await expect(fetchText(url, local, limits)).rejects.toMatchObject({ code: 'bad_reply' });
    expect(followed).toBe(0);
  });

  it('stops an endless answer at its limit', async () => {
    let running: NodeJS.Timeout | undefined;
    const url = await serveHttp((_request, response) => {
      running = setInterval(() => response.write('x'.repeat(512)), 1);
      response.once('close', () => {
        clearInterval(running);
      });
    });
    await expect(fetchText(url, local, limits)).rejects.toMatchObject({ code: 'too_large' });
  });

  it.each<[string, RequestListener]>([
    ['says nothing', () => undefined],
    ['stops in the middle', (_request, response) => response.writeHead(200, { 'content-length': '100' }).write('{')],
  ])('gives up on a server that %s', async (_what, listener) => {
    const url = await serveHttp(listener);
    await expect(fetchText(url, local, { ...limits, timeoutMs: 200 })).rejects.toMatchObject({ code: 'timeout' });
  });

  it('gives up on a server that drips, by the whole time and not by the pause', async () => {
    let running: NodeJS.Timeout | undefined;
    const url = await serveHttp((_request, response) => {
      running = setInterval(() => response.write(' '), 20);
      response.once('close', () => {
        clearInterval(running);
      });
    });
    await expect(fetchText(url, local, { ...limits, timeoutMs: 300 })).rejects.toMatchObject({ code: 'timeout' });
  });

  it('says unreachable where nobody listens', async () => {
    const url = await serveHttp(() => undefined);
    const [server] = servers.splice(0);
    await new Promise((resolve) => server?.close(resolve));
    await expect(fetchText(url, local, limits)).rejects.toMatchObject({ code: 'unreachable' });
  });
});

describe('fetchText judges the address it connects to', () => {
  it.each(['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]'])('and does not reach %s where that is not allowed', async (host) => {
    let reached = 0;
    const server = createServer(() => undefined);
    server.on('connection', () => {
      reached += 1;
    });
    const port = await serve(server);
    for (const scheme of ['http', 'https']) {
      await expect(fetchText(new URL(`${scheme}://${host}:${String(port)}/`), nothing, limits)).rejects.toMatchObject({
        code: 'refused_address',
      });
    }
    expect(reached).toBe(0);
  });

  it.each(['http://169.254.169.254/', 'https://169.254.169.254/', 'https://[fd00:ec2::254]/', 'https://0.0.0.0/', 'http://8.8.8.8/'])(
    'and refuses %s whatever is allowed',
    async (text) => {
      await expect(fetchText(new URL(text), local, limits)).rejects.toMatchObject({ code: 'refused_address' });
    },
  );

  it.each([
    'http://127.0.0.1/jwks',
    'https://10.0.0.1/jwks',
    'https://localhost/jwks',
    'http://idp.example/jwks',
    'https://user@idp.example/jwks',
  ])('and %s is no address of keys at all', (jwks) => {
    const issuers = [{ issuer: 'https://idp.example', jwks, jwksMaxStaleMs: 0, allowPrivate: false }];
    expect(() => openTokenKeys({ issuers, clock: () => 0, onRefresh: () => undefined })).toThrow('unsafe jwks');
  });
});

describe('fetchText over TLS', () => {
  it('refuses a certificate that nobody vouches for', async () => {
    const { server } = await makeCertificates();
    let asked = 0;
    const port = await serve(
      createTlsServer({ cert: server.cert, key: server.key }, (_request, response) => {
        asked += 1;
        response.end('{"keys":[]}');
      }),
    );
    await expect(fetchText(new URL(`https://localhost:${String(port)}/`), local, limits)).rejects.toMatchObject({ code: 'unreachable' });
    expect(asked).toBe(0);
  });
});
