import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { SettingsInput } from '../../src/config/schema.ts';
import { CLIENT_DNS_NAME, SPIFFE_ID, type KeyPair } from './certificates.ts';
import { makeTempDir } from './temp-dir.ts';
import { claimsOf, headerOf, makeKey, publicJwk, signToken, type SigningKey } from './token-issuer.ts';

/** An issuer of tokens whose keys lie in a file, and the certificates of test/support/certificates.ts as identities. */
export interface Identities extends Disposable {
  readonly issuer: string;
  readonly key: SigningKey;
  /** A token that is good now, but for these changes; `undefined` takes a claim away. */
  readonly token: (changes?: Readonly<Record<string, unknown>>) => string;
  /** Certificates: SPIFFE → `billing`, DNS → `ledger`. Tokens: as above. Both clients and `finance` have policies. */
  readonly apply: (settings: SettingsInput) => void;
}

const lifetimeSeconds = 300;

export function makeIdentities(issuer = 'https://idp.example'): Identities {
  const directory = makeTempDir();
  const jwks = directory.file('jwks.json');
  const key = makeKey('ES256', 'key-1');
  writeFileSync(jwks, JSON.stringify({ keys: [publicJwk(key)] }));
  return {
    issuer,
    key,
    token: (changes) => signToken(key, headerOf(key), freshClaims(issuer, changes)),
    apply: (settings) => {
      settings.edge.clientCa = 'file:client-ca.pem';
      settings.identity.mtls = { principals: { [SPIFFE_ID]: 'billing', [CLIENT_DNS_NAME]: 'ledger' } };
      settings.identity.jwt = [{ issuer, audience: 'sallyport', jwks: `file:${jwks}`, team: 'team', tier: 'tier' }];
      settings.clients = { ...settings.clients, billing: { policy: 'standard' }, ledger: { policy: 'narrow' } };
    },
    [Symbol.dispose]: directory.remove,
  };
}

/** The claims of a good token as of now; a change to `undefined` takes a claim away. */
export function freshClaims(issuer: string, changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1_000);
  return { ...claimsOf(issuer), exp: now + lifetimeSeconds, nbf: now - 1, iat: now - 1, ...changes };
}

/** The claim that binds a token to a certificate (RFC 8705 section 3.1). */
export const boundTo = ({ cert }: KeyPair): { readonly cnf: { readonly 'x5t#S256': string } } => ({
  cnf: { 'x5t#S256': Buffer.from(new X509Certificate(cert).fingerprint256.replaceAll(':', ''), 'hex').toString('base64url') },
});
