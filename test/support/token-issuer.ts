import { Buffer } from 'node:buffer';
import { constants, createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { openTokenKeys, type OpenTokenKeys } from '../../src/adapters/jwks/token-keys.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { RequestView } from '../../src/core/request.ts';
import { deny, fault } from '../../src/core/outcome.ts';
import { Secret } from '../../src/core/secret.ts';
import { judgeCredential, type PresentedCertificate } from '../../src/policy/credential.ts';
import { judgeClaims } from '../../src/policy/jwt/claims.ts';
import { judgeHeader, type IssuerRules, type TokenIdentity } from '../../src/policy/jwt/rules.ts';
import { parseToken } from '../../src/policy/jwt/token.ts';
import { TokenKeysError } from '../../src/ports/token-keys.ts';
import { makeTempDir, type TempDir } from './temp-dir.ts';

/** A part of a token: an object, or JSON text (or bytes) taken as it is. */
export type Part = Readonly<Record<string, unknown>> | string | Uint8Array;

export const encodePart = (part: Part): string =>
  Buffer.from(part instanceof Uint8Array ? part : typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');

export interface SigningKey {
  readonly algorithm: string;
  readonly keyId: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

function generateFor(algorithm: string): { privateKey: KeyObject; publicKey: KeyObject } {
  switch (algorithm) {
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case 'ES384':
      return generateKeyPairSync('ec', { namedCurve: 'P-384' });
    case 'EdDSA':
      return generateKeyPairSync('ed25519');
    default:
      return generateKeyPairSync('rsa', { modulusLength: 2_048 });
  }
}

export const makeKey = (algorithm: string, keyId: string): SigningKey => ({ algorithm, keyId, ...generateFor(algorithm) });

export const publicJwk = (key: SigningKey): Record<string, unknown> => ({
  ...key.publicKey.export({ format: 'jwk' }),
  kid: key.keyId,
  alg: key.algorithm,
  use: 'sig',
});

/** What the algorithm's name stands for (RFC 7518 section 3), done by the runtime and not by the library under test. */
export function signBytes(key: SigningKey, data: string): Uint8Array {
  const digest = `sha${key.algorithm.slice(2)}`;
  switch (key.algorithm.slice(0, 2)) {
    case 'ES':
      return sign(digest, Buffer.from(data), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
    case 'PS':
      return sign(digest, Buffer.from(data), {
        key: key.privateKey,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
      });
    case 'RS':
      return sign(digest, Buffer.from(data), key.privateKey);
    default:
      return sign(null, Buffer.from(data), key.privateKey);
  }
}

export function signToken(key: SigningKey, header: Part, payload: Part): string {
  const input = `${encodePart(header)}.${encodePart(payload)}`;
  return `${input}.${encodePart(signBytes(key, input))}`;
}

/** A token "signed" with HMAC, as an attacker does who knows the public key. */
export function hmacToken(secret: Uint8Array | string, header: Part, payload: Part): string {
  const input = `${encodePart(header)}.${encodePart(payload)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

export const headerOf = (key: SigningKey): Record<string, unknown> => ({ alg: key.algorithm, kid: key.keyId, typ: 'at+jwt' });

const rulesDefaults = {
  audience: 'sallyport',
  algorithms: ['ES256', 'EdDSA', 'RS256', 'PS256'],
  types: ['at+jwt'],
  requiredScope: 'llm:access',
  clientClaim: 'client_id',
  teamClaim: 'team',
  tierClaim: undefined,
  userClaim: 'sub',
  maxAgeMs: 86_400_000,
} as const;

export const rulesOf = (issuer: string, changes: Partial<IssuerRules> = {}): IssuerRules => ({ ...rulesDefaults, issuer, ...changes });

export const nowMs = Date.parse('2026-11-21T12:00:00Z');
const nowSeconds = nowMs / 1_000;

export const claimsOf = (issuer: string): Record<string, unknown> => ({
  iss: issuer,
  aud: 'sallyport',
  exp: nowSeconds + 300,
  nbf: nowSeconds - 10,
  iat: nowSeconds - 10,
  jti: 'token-1',
  sub: 'user-1',
  client_id: 'billing',
  team: 'finance',
  scope: 'openid llm:access',
});

export interface Verifier extends Disposable {
  readonly keys: OpenTokenKeys;
  readonly judge: (token: string, certificate?: PresentedCertificate) => Promise<Outcome<TokenIdentity>>;
  /** From the header on, as a client would send it. */
  readonly judgeHeaders: (headers: RequestView['headers'], path?: string) => Promise<Outcome<unknown>>;
}

/** The chain that judges tokens, over key sets in files; one for each issuer. */
export function openVerifier(sets: ReadonlyMap<string, readonly SigningKey[]>, changes: Partial<IssuerRules> = {}): Verifier {
  const directory: TempDir = makeTempDir();
  const issuers = [...sets].map(([issuer, keys], index) => {
    const path = directory.file(`${String(index)}.json`);
    writeFileSync(path, JSON.stringify({ keys: keys.map(publicJwk) }));
    return { issuer, jwks: `file:${path}`, jwksMaxStaleMs: 0, allowPrivate: false };
  });
  const keys = openTokenKeys({ issuers, clock: () => performance.now(), onRefresh: () => undefined });
  const rules = new Map([...sets.keys()].map((issuer) => [issuer, rulesOf(issuer, changes)]));
  const judge = async (token: string, certificate?: PresentedCertificate): Promise<Outcome<TokenIdentity>> =>
    judgeToken(rules, keys, () => nowMs, new Secret(token), certificate);
  return {
    keys,
    judge,
    judgeHeaders: async (headers, path = '/v1/chat/completions') => {
      const view = { exchangeId: 'x', method: 'POST', path, authority: 'door.example', headers, certificate: undefined };
      const presented = judgeCredential(view, () => false);
      return presented.kind === 'next' && presented.found.kind === 'jwt' ? judge(presented.found.text.reveal()) : presented;
    },
    [Symbol.dispose]: () => {
      keys.close();
      directory.remove();
    },
  };
}

async function judgeToken(
  rules: ReadonlyMap<string, IssuerRules>,
  keys: OpenTokenKeys,
  clock: Clock,
  token: Secret,
  certificate: PresentedCertificate | undefined,
): Promise<Outcome<TokenIdentity>> {
  const parsed = parseToken(token.reveal());
  if (parsed.kind !== 'next') {
    return parsed;
  }
  const header = judgeHeader(parsed.found, rules);
  if (header.kind !== 'next') {
    return header;
  }
  try {
    const verdict = await keys.verify(token, parsed.found, AbortSignal.timeout(5_000));
    return verdict === 'valid'
      ? judgeClaims(parsed.found.claims, header.found, certificate, clock())
      : deny('credential_invalid', `signature ${verdict}`);
  } catch (error) {
    if (error instanceof TokenKeysError) {
      return fault('identify', 'jwks', error.message);
    }
    throw error;
  }
}
