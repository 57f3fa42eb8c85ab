import { describe, expect, it } from 'vitest';
import { judgeHeader } from '../../../src/policy/jwt/rules.ts';
import { parseToken } from '../../../src/policy/jwt/token.ts';
import { encodePart, rulesOf } from '../../support/token-issuer.ts';

const issuer = 'https://idp.example';
const textOf = (header: Record<string, unknown>): string => `${encodePart(header)}.${encodePart({ iss: issuer })}.AAAA`;

describe('parseToken', () => {
  it('gives the header without believing it', () => {
    expect(parseToken(textOf({ alg: 'none', typ: 'application/AT+JWT', kid: '../x' }))).toMatchObject({
      kind: 'next',
      found: { algorithm: 'none', type: 'at+jwt', keyId: '../x', issuer },
    });
  });

  it.each(['', 'k'.repeat(129), 1, null, ['k'], {}])('refuses the kid %j before anybody looks it up', (kid) => {
    expect(parseToken(textOf({ alg: 'ES256', kid }))).toMatchObject({ kind: 'deny', denial: { code: 'credential_invalid' } });
  });

  it('says nothing of the token in its refusal', () => {
    const refusal = JSON.stringify(parseToken(textOf({ alg: 'ES256', kid: 'secret-id'.repeat(20) })));
    expect(refusal).not.toContain('secret-id');
  });
});

describe('judgeHeader', () => {
  const token = { algorithm: 'ES256', keyId: undefined, type: 'at+jwt', issuer, claims: new Map() };

  it.each(['none', 'HS256', 'HS384', 'HS512', 'dir', 'A256KW', 'RSA-OAEP', 'ES256K'])(
    'never allows %s, not even where it is configured',
    (algorithm) => {
      const issuers = new Map([[issuer, rulesOf(issuer, { algorithms: [algorithm, 'ES256'] })]]);
      expect(judgeHeader({ ...token, algorithm }, issuers)).toMatchObject({ kind: 'deny', denial: { code: 'credential_invalid' } });
      expect(judgeHeader(token, issuers)).toMatchObject({ kind: 'next' });
    },
  );

  it.each(['https://idp.example/', 'HTTPS://IDP.EXAMPLE', '__proto__', ''])('knows no issuer %j', (other) => {
    const issuers = new Map([[issuer, rulesOf(issuer)]]);
    expect(judgeHeader({ ...token, issuer: other }, issuers)).toMatchObject({ kind: 'deny', denial: { code: 'credential_invalid' } });
  });
});
