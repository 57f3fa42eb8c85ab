import { Buffer } from 'node:buffer';
import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { TextDecoder } from 'node:util';
import type { AddressAllowance } from '../../core/address.ts';
import { guardAddresses } from '../../ports/guarded-lookup.ts';
import { TokenKeysError } from '../../ports/token-keys.ts';

export interface FetchLimits {
  readonly bytesMax: number;
  /** For name, connection, answer and body together. */
  readonly timeoutMs: number;
}

/**
 * GETs a small text document. Redirects are not followed, compressed answers not taken, and the address is judged when it is
 * connected to, so a name that changes its address after the settings were checked leads nowhere. Throws `TokenKeysError`.
 */
export async function fetchText(url: URL, allowance: AddressAllowance, limits: FetchLimits): Promise<string> {
  const signal = AbortSignal.timeout(limits.timeoutMs);
  try {
    const response = await openResponse(url, allowance, signal);
    return await readText(response, limits.bytesMax);
  } catch (error) {
    if (error instanceof TokenKeysError) {
      throw error;
    }
    throw new TokenKeysError(signal.aborted ? 'timeout' : 'unreachable', error);
  }
}

const refused = (): TokenKeysError => new TokenKeysError('refused_address');

async function openResponse(url: URL, allowance: AddressAllowance, signal: AbortSignal): Promise<IncomingMessage> {
  const { mayAsk, lookup } = guardAddresses(url, allowance, refused);
  if (!mayAsk) {
    throw refused();
  }
  const options: RequestOptions = {
    method: 'GET',
    agent: false,
    signal,
    lookup,
    headers: { accept: 'application/jwk-set+json, application/json', 'accept-encoding': 'identity', 'user-agent': 'sallyport' },
  };
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    send(url, options)
      .once('response', resolve)
      .on('error', reject)
      // A 101 ends the request without either. After one of them it changes nothing.
      .once('close', () => {
        reject(new TokenKeysError('bad_reply'));
      })
      .end();
  });
}

async function readText(response: IncomingMessage, bytesMax: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    if (response.statusCode !== 200 || (response.headers['content-encoding'] ?? 'identity') !== 'identity') {
      throw new TokenKeysError('bad_reply');
    }
    const body: AsyncIterable<Uint8Array> = response;
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > bytesMax) {
        throw new TokenKeysError('too_large');
      }
      chunks.push(chunk);
    }
  } finally {
    response.destroy();
  }
  return decodeUtf8(Buffer.concat(chunks));
}

export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new TokenKeysError('bad_reply', error);
  }
}
