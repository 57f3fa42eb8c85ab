import { Buffer } from 'node:buffer';
import { sign } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import {
  claimsOf,
  encodePart,
  headerOf,
  hmacToken,
  makeKey,
  nowMs,
  openVerifier,
  publicJwk,
  signBytes,
  signToken,
  type Part,
} from '../../support/token-issuer.ts';

const issuer = 'https://idp.example';
const otherIssuer = 'https://other.example';
const ec = makeKey('ES256', 'ec-1');
const rsa = makeKey('RS256', 'rsa-1');
const pss = makeKey('PS256', 'pss-1');
const ed = makeKey('EdDSA', 'ed-1');
const other = makeKey('ES256', 'ec-1');
const attacker = makeKey('ES256', 'ec-1');
const verifier = openVerifier(
  new Map([
    [issuer, [ec, rsa, pss, ed]],
    [otherIssuer, [other]],
  ]),
);
const now = nowMs / 1_000;
const header = headerOf(ec);
const claims = claimsOf(issuer);
const good = signToken(ec, header, claims);
const withHeader = (changes: Record<string, unknown>): string => signToken(ec, { ...header, ...changes }, claims);
const withClaims = (changes: Record<string, unknown>): string => signToken(ec, header, { ...claims, ...changes });
const without = (name: string): string => signToken(ec, header, Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name)));
const raw = (headerPart: Part, payload: Part): string => signToken(ec, headerPart, payload);
const claimsText = (insert: string): string => JSON.stringify(claims).replace('{', `{${insert},`);
const [goodHeader = '', goodPayload = '', goodSignature = ''] = good.split('.');

afterAll(() => {
  verifier[Symbol.dispose]();
});

describe('tokens that are accepted', () => {
  it.each([
    ['ES256', good],
    ['RS256', signToken(rsa, headerOf(rsa), claims)],
    ['PS256', signToken(pss, headerOf(pss), claims)],
    ['EdDSA', signToken(ed, headerOf(ed), claims)],
    ['the long name of its type', withHeader({ typ: 'application/at+jwt' })],
    ['its type in capitals', withHeader({ typ: 'AT+JWT' })],
    ['a thumbprint in the header, which is not read', withHeader({ x5t: 'abc' })],
    ['no kid, and one key that fits', signToken(ec, { alg: 'ES256', typ: 'at+jwt' }, claims)],
    ['several audiences', withClaims({ aud: ['https://other.example', 'sallyport'] })],
    ['no nbf', without('nbf')],
    ['fractions of seconds', withClaims({ exp: now + 0.5, iat: now - 0.5 })],
    ['an issuer whose clock is ahead', withClaims({ iat: now + 59, nbf: now + 59 })],
    ['members that nobody reads', withClaims({ realm_access: { roles: ['a', 'b'] }, email_verified: true })],
  ])('with %s', async (_what, token) => {
    expect(await verifier.judge(token)).toMatchObject({ kind: 'next', found: { issuer, client: 'billing' } });
  });

  it('say whom they speak for', async () => {
    expect(await verifier.judge(good)).toEqual({
      kind: 'next',
      found: {
        issuer,
        client: 'billing',
        user: 'user-1',
        team: 'finance',
        tier: undefined,
        jti: 'token-1',
        expiresAtMs: nowMs + 300_000,
      },
    });
  });
});

const jwkBytes = Buffer.from(JSON.stringify(publicJwk(rsa)));
const pem = rsa.publicKey.export({ format: 'pem', type: 'spki' }).toString();
const der = rsa.publicKey.export({ format: 'der', type: 'spki' });
const pkcs1 = rsa.publicKey.export({ format: 'pem', type: 'pkcs1' }).toString();
const hs256 = { alg: 'HS256', kid: 'rsa-1', typ: 'at+jwt' };
const attackerHeader = (changes: Record<string, unknown>): string => signToken(attacker, { ...header, ...changes }, claims);
const signedBy = (key: typeof ec, algorithm: string): string => {
  const input = `${encodePart({ ...header, alg: algorithm })}.${encodePart(claims)}`;
  return `${input}.${encodePart(signBytes(key, input))}`;
};

describe('attacks on the signature', () => {
  it.each([
    ...['none', 'None', 'NONE', 'nOnE'].flatMap((alg): [string, string][] => [
      [`alg ${alg}, empty signature`, `${encodePart({ ...header, alg })}.${encodePart(claims)}.`],
      [`alg ${alg}, some signature`, `${encodePart({ ...header, alg })}.${encodePart(claims)}.AAAA`],
      [`alg ${alg}, the signature of the good token`, `${encodePart({ ...header, alg })}.${goodPayload}.${goodSignature}`],
    ]),
    ['an empty signature', `${goodHeader}.${goodPayload}.`],
    ['no signature', `${goodHeader}.${goodPayload}`],
    ['HMAC with an empty key', hmacToken('', hs256, claims)],
    ['HMAC with the public key as PEM', hmacToken(pem, hs256, claims)],
    ['HMAC with the public key as PEM without its last line end', hmacToken(pem.trimEnd(), hs256, claims)],
    ['HMAC with the public key as PKCS#1 PEM', hmacToken(pkcs1, hs256, claims)],
    ['HMAC with the public key as DER', hmacToken(der, hs256, claims)],
    ['HMAC with the public key as JWK', hmacToken(jwkBytes, hs256, claims)],
    ['HMAC under the name of the real algorithm', hmacToken(pem, headerOf(rsa), claims)],
    ['a signature of zeros', `${goodHeader}.${goodPayload}.${encodePart(new Uint8Array(64))}`],
    [
      'a DER signature',
      `${goodHeader}.${goodPayload}.${encodePart(sign('sha256', Buffer.from(`${goodHeader}.${goodPayload}`), ec.privateKey))}`,
    ],
    ['a cut signature', `${goodHeader}.${goodPayload}.${goodSignature.slice(0, -4)}`],
    ['a longer signature', `${good}AAAA`],
    ['the payload of another token', `${goodHeader}.${encodePart({ ...claims, client_id: 'admin' })}.${goodSignature}`],
    ['the header of another token', `${encodePart({ ...header, kid: 'ec-1', x: 1 })}.${goodPayload}.${goodSignature}`],
    ['a key of the attacker', attackerHeader({})],
    ['RS256 under the name PS256', signedBy(rsa, 'PS256')],
    ['an RSA key where the kid names an EC key', signToken(rsa, { ...headerOf(rsa), kid: 'ec-1' }, claims)],
    ['an algorithm that this issuer does not use', signToken(makeKey('ES384', 'ec-1'), { ...header, alg: 'ES384' }, claims)],
    ['no kid, and two keys that fit', signToken(rsa, { alg: 'EdDSA', typ: 'at+jwt' }, claims)],
    ['a key of another issuer', signToken(other, header, claims)],
    ['our key for the claim of another issuer', signToken(ec, header, { ...claims, iss: otherIssuer })],
    ...[
      '',
      'HS256',
      'HS384',
      'HS512',
      'es256',
      'ES256 ',
      'ES256K',
      'RSA-OAEP',
      'dir',
      'PBES2-HS256+A128KW',
      '__proto__',
      'constructor',
      null,
      256,
      true,
      ['ES256'],
      { alg: 'ES256' },
    ].map((alg): [string, string] => [`alg ${JSON.stringify(alg)}`, withHeader({ alg })]),
    ['no alg', raw({ kid: 'ec-1', typ: 'at+jwt' }, claims)],
  ])('%s', async (_what, token) => {
    expect(await verifier.judge(token)).toMatchObject({ kind: 'deny', denial: { code: 'credential_invalid' } });
  });
});

describe('attacks on the choice of the key', () => {
  it.each([
    ['an embedded key', attackerHeader({ jwk: attacker.publicKey.export({ format: 'jwk' }) })],
    ['an embedded key and no kid', signToken(attacker, { alg: 'ES256', typ: 'at+jwt', jwk: publicJwk(attacker) }, claims)],
    ['the real key, embedded', withHeader({ jwk: publicJwk(ec) })],
    ['a jku', attackerHeader({ jku: 'https://attacker.example/jwks' })],
    ['a jku that names the issuer', withHeader({ jku: `${issuer}/jwks` })],
    ['an x5u', attackerHeader({ x5u: 'https://attacker.example/chain.pem' })],
    ['an x5c', attackerHeader({ x5c: ['MIIB'] })],
    ...[
      '',
      'unknown',
      '../../dev/null',
      '/dev/null',
      'ec-1\0',
      'ec-1 ',
      'EC-1',
      "x' UNION SELECT 'key' --",
      'ec-1|id',
      '$(id)',
      '__proto__',
      'k'.repeat(129),
      null,
      1,
      true,
      ['ec-1'],
      { kid: 'ec-1' },
    ].map((kid): [string, string] => [`kid ${JSON.stringify(kid)}`, withHeader({ kid })]),
    ['two kids', raw('{"alg":"ES256","typ":"at+jwt","kid":"ec-1","kid":"ec-1"}', claims)],
  ])('%s', async (_what, token) => {
    expect(await verifier.judge(token)).toMatchObject({ kind: 'deny', denial: { code: 'credential_invalid' } });
  });
});

const bytes = (...parts: (string | number[])[]): Uint8Array => Buffer.concat(parts.map((part) => Buffer.from(part)));
const lastDigitPlusOne = (text: string): string => {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return text.slice(0, -1) + digits.charAt(digits.indexOf(text.slice(-1)) + 1);
};

describe('attacks on the form', () => {
  it.each([
    ['crit', withHeader({ crit: ['exp'], exp: now + 300 })],
    ['an empty crit', withHeader({ crit: [] })],
    ['a payload that is not encoded (b64)', withHeader({ crit: ['b64'], b64: false })],
    ['b64 without crit', withHeader({ b64: true })],
    ['compression', withHeader({ zip: 'DEF' })],
    ['a nested token by cty', withHeader({ cty: 'JWT' })],
    ['a nested token as payload', raw(header, JSON.stringify(good))],
    ['a nested token as bare payload', raw(header, good)],
    ['an encrypted token', `${encodePart({ alg: 'dir', enc: 'A256GCM' })}..AAAA.AAAA.AAAA`],
    ['five full parts', `${good}.AAAA.AAAA`],
    ['encryption in the header', withHeader({ enc: 'A256GCM' })],
    ['a costly password count', withHeader({ p2c: 2_147_483_647, p2s: 'AAAA' })],
    ['JSON serialisation', JSON.stringify({ protected: goodHeader, payload: goodPayload, signature: goodSignature })],
    ['JSON in front of a token', `{"a":"${good}"}`],
    ['padding', `${goodHeader}=.${goodPayload}.${goodSignature}`],
    ['the base64 alphabet', `${goodHeader}.${goodPayload}.+${goodSignature.slice(1)}`],
    ['a space in front', ` ${good}`],
    ['a line end behind', `${good}\n`],
    ['a line end inside', `${goodHeader}.\n${goodPayload}.${goodSignature}`],
    ['stray bits in the signature', `${goodHeader}.${goodPayload}.${lastDigitPlusOne(goodSignature)}`],
    ['more than 8 KiB', withClaims({ padding: 'x'.repeat(6_200) })],
    ['no typ', raw({ alg: 'ES256', kid: 'ec-1' }, claims)],
    ...[
      'JWT',
      'jwt',
      'dpop+jwt',
      'id+jwt',
      'logout+jwt',
      'at+jwt ',
      'text/at+jwt',
      'application/application/at+jwt',
      '',
      null,
      1,
      ['at+jwt'],
    ].map((typ): [string, string] => [`typ ${JSON.stringify(typ)}`, withHeader({ typ })]),
    ['alg twice', raw('{"alg":"ES256","alg":"none","kid":"ec-1","typ":"at+jwt"}', claims)],
    ['alg twice, once escaped', raw('{"alg":"ES256","\\u0061lg":"none","kid":"ec-1","typ":"at+jwt"}', claims)],
    ['a header that is an array', raw('["ES256"]', claims)],
    ['a header that is a string', raw('"ES256"', claims)],
    ['a header that is null', raw('null', claims)],
    ['a header that is no JSON', raw('alg=ES256', claims)],
    ['a header with a byte order mark', raw(bytes([0xef, 0xbb, 0xbf], JSON.stringify(header)), claims)],
    ['a header with data behind it', raw(`${JSON.stringify(header)} {}`, claims)],
    ['a payload that is an array', raw(header, JSON.stringify([claims]))],
    ['a payload that is null', raw(header, 'null')],
    ['a payload that is not UTF-8', raw(header, bytes('{"iss":"', [0xff], '"}'))],
    ['a payload with a comment', raw(header, `/**/${JSON.stringify(claims)}`)],
    ['a payload with a trailing comma', raw(header, JSON.stringify(claims).replace(/\}$/, ',}'))],
    ['a payload nested too deep', raw(header, claimsText(`"a":${'['.repeat(64)}${']'.repeat(64)}`))],
    ['a claim twice', raw(header, claimsText('"client_id":"admin"'))],
    ['a claim twice, once escaped', raw(header, claimsText('"client\\u005fid":"admin"'))],
    ['a nested name twice', raw(header, claimsText('"cnf":{"jkt":"a","jkt":"b"}'))],
  ])('%s', async (_what, token) => {
    expect(await verifier.judge(token)).toMatchObject({ kind: 'deny', denial: { code: 'credential_invalid' } });
  });
});
