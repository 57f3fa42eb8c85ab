import { createServer, type RequestListener, type Server } from 'node:http';
import { OAuth2Server } from 'oauth2-mock-server';

/** An issuer on a loopback port, whose answers a test can replace. */
export interface IdentityProvider extends AsyncDisposable {
  readonly issuer: string;
  readonly jwks: string;
  /** Requests for keys so far. */
  readonly requests: () => number;
  /** Publishes one more key. */
  readonly addKey: (algorithm: string, keyId: string) => Promise<void>;
  /** A token for `client_id: billing` and the scope `llm:access`, signed with the key. */
  readonly token: (keyId: string) => Promise<string>;
  /** Answers by `listener` from now on; with `undefined` by itself again. */
  readonly answerBy: (listener: RequestListener | undefined) => void;
  /** Stops listening; `start` brings it back on the same port. */
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
}

export async function startIdentityProvider(): Promise<IdentityProvider> {
  const mock = new OAuth2Server();
  const { issuer, requestHandler } = mock.service;
  let requests = 0;
  let other: RequestListener | undefined;
  const server = createServer((request, response) => {
    requests += 1;
    (other ?? requestHandler)(request, response);
  });
  const port = await listen(server, 0);
  const url = `http://127.0.0.1:${String(port)}`;
  issuer.url = url;
  const stop = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return {
    issuer: url,
    jwks: `${url}/jwks`,
    requests: () => requests,
    addKey: async (algorithm, kid) => {
      await issuer.keys.generate(algorithm, { kid });
    },
    token: async (kid) =>
      issuer.buildToken({
        kid,
        scopesOrTransform: (header, payload) => {
          header['typ'] = 'at+jwt';
          Object.assign(payload, { aud: 'sallyport', client_id: 'billing', scope: 'llm:access', sub: 'user-1' });
        },
      }),
    answerBy: (listener) => {
      other = listener;
    },
    stop,
    start: async () => {
      await listen(server, port);
    },
    [Symbol.asyncDispose]: async () => {
      if (server.listening) {
        await stop();
      }
    },
  };
}

/** Listens on loopback; with port 0 on any free one. Gives the port. */
export async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}
