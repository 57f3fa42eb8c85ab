import { Buffer } from 'node:buffer';
import { Agent as HttpAgent, request as requestHttp, type IncomingMessage, type OutgoingHttpHeaders, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { AddressAllowance } from '../../core/address.ts';
import type { Secret } from '../../core/secret.ts';
import { guardAddresses } from '../../ports/guarded-lookup.ts';
import { GuardError } from './guard-error.ts';
import { readAnswer } from './read-answer.ts';

const connectionsMax = 32;
const idleConnectionsMax = 8;
/** Under way and waiting for a connection. */
const callsMax = 256;

/** The key that a question goes with. */
export interface GuardKey {
  readonly secret: Secret;
  /** The guard answered 401 to it. */
  readonly reject: () => void;
}

export interface ClientOptions {
  readonly url: URL;
  readonly allowance: AddressAllowance;
  /** Certificates to trust in place of the system's, PEM. */
  readonly ca: string | undefined;
  /** What is served now, if anything is; undefined where the guard asks for none. */
  readonly key: (() => GuardKey | undefined) | undefined;
  readonly answerBytesMax: number;
}

/** Posts JSON to one configured URL, over connections that are kept. */
export interface Client {
  /** The answer of a 200, parsed. Throws `GuardError`; `signal` bounds all of it. */
  post(question: unknown, signal: AbortSignal): Promise<unknown>;
  /** Lets go of every connection once what is under way has ended. */
  close(): void;
}

const refused = (): GuardError => new GuardError('refused_address');

/**
 * Redirects are not followed and compressed answers not taken. The address is judged when it is connected to, and clear text is only
 * for networks that the operator called its own.
 */
export function openClient(options: ClientOptions): Client {
  const { url, allowance, ca, key, answerBytesMax } = options;
  const isTls = url.protocol === 'https:';
  const agent = new (isTls ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: connectionsMax, maxFreeSockets: idleConnectionsMax });
  const { mayAsk, lookup } = guardAddresses(url, allowance, refused);
  // With every request, so that they hold for one outside of the agent, too.
  const connection: RequestOptions & { readonly ca?: string } = { lookup, ...(ca === undefined ? {} : { ca }) };
  let calls = 0;
  let closed = false;

  const ask = async (question: unknown, signal: AbortSignal): Promise<unknown> => {
    if (!mayAsk) {
      throw refused();
    }
    const body = Buffer.from(JSON.stringify(question));
    const sent = key?.();
    if (key !== undefined && sent?.secret.empty !== false) {
      throw new GuardError('no_credential');
    }
    const headers = { ...headersOf(sent), 'content-length': body.length };
    const response = await send(url, { ...connection, method: 'POST', agent, signal, headers }, body);
    if (response.statusCode === 401) {
      sent?.reject();
    }
    return readAnswer(response, answerBytesMax);
  };
  const letGo = (): void => {
    if (closed && calls === 0) {
      agent.destroy();
    }
  };

  return {
    post: async (question, signal) => {
      if (calls >= callsMax) {
        throw new GuardError('overload');
      }
      calls += 1;
      try {
        return await ask(question, signal);
      } catch (error) {
        throw translate(error, signal);
      } finally {
        calls -= 1;
        letGo();
      }
    },
    close: () => {
      closed = true;
      letGo();
    },
  };
}

function translate(error: unknown, signal: AbortSignal): GuardError {
  if (error instanceof GuardError) {
    return error;
  }
  return new GuardError(signal.aborted ? 'timeout' : isUntrusted(error) ? 'untrusted' : 'unreachable', error);
}

/** Codes of OpenSSL's verification, and of what else goes wrong in a handshake. */
const isUntrusted = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /CERT|^UNABLE_TO_|^ERR_TLS_|^ERR_SSL_|^EPROTO$/.test(String(error.code));

const headersOf = (key: GuardKey | undefined): OutgoingHttpHeaders => ({
  accept: 'application/json',
  'accept-encoding': 'identity',
  'content-type': 'application/json',
  'user-agent': 'sallyport',
  ...(key === undefined ? {} : { authorization: `Bearer ${key.secret.reveal()}` }),
});

/** Once more where the server closed a kept connection in the very moment that it was used: a question changes nothing over there. */
async function send(url: URL, options: RequestOptions, body: Buffer): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options);
  let answered = false;
  request
    .once('response', (response) => {
      answered = true;
      resolve(response);
    })
    .on('error', (error) => {
      const isStale = !answered && request.reusedSocket && options.signal?.aborted !== true;
      if (isStale) {
        resolve(send(url, { ...options, agent: false }, body));
      } else {
        reject(error);
      }
    })
    // A 101 ends the request without an answer and without an error. After one of them it changes nothing.
    .once('close', () => {
      reject(new GuardError('bad_reply'));
    })
    .end(body);
  return promise;
}
