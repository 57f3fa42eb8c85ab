import { Buffer } from 'node:buffer';
import { afterAll, describe, expect, it } from 'vitest';
import {
  claimsOf,
  encodePart,
  headerOf,
  hmacToken,
  makeKey,
  nowMs,
  openVerifier,
  signToken,
  type Part,
} from '../../support/token-issuer.ts';

const issuer = 'https://idp.example';
const ec = makeKey('ES256', 'ec-1');
const rsa = makeKey('RS256', 'rsa-1');
const verifier = openVerifier(new Map([[issuer, [ec, rsa]]]));
const now = nowMs / 1_000;
const header = headerOf(ec);
const claims = claimsOf(issuer);
const good = signToken(ec, header, claims);
const [, goodPayload = '', goodSignature = ''] = good.split('.');
const withHeader = (changes: Record<string, unknown>): string => signToken(ec, { ...header, ...changes }, claims);
const withClaims = (changes: Record<string, unknown>): string => signToken(ec, header, { ...claims, ...changes });
const without = (name: string): string => signToken(ec, header, Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name)));
const raw = (headerPart: Part, payload: Part): string => signToken(ec, headerPart, payload);
const pem = rsa.publicKey.export({ format: 'pem', type: 'spki' }).toString();

afterAll(() => {
  verifier[Symbol.dispose]();
});

const odd = [null, true, 0, '', [], {}, ['billing'], { a: 'billing' }] as const;

describe('attacks on the claims', () => {
  const invalid: readonly [string, string][] = [
    ...[undefined, null, 1, '', 'https://idp.example/', 'HTTPS://idp.example', 'https://evil.example', [issuer], { iss: issuer }].map(
      (iss): [string, string] => [`iss ${JSON.stringify(iss)}`, withClaims({ iss })],
    ),
    ...[
      undefined,
      null,
      1,
      '',
      'Sallyport',
      'sallyport ',
      'sallyport.evil',
      [],
      ['other'],
      ['sallyport', 1],
      [['sallyport']],
      { sallyport: true },
      { 0: 'sallyport', length: 1 },
    ].map((aud): [string, string] => [`aud ${JSON.stringify(aud)}`, withClaims({ aud })]),
    ['65 audiences', withClaims({ aud: Array.from({ length: 65 }, () => 'sallyport') })],
    ...[undefined, null, '', String(now + 300), true, [], [now + 300], {}, -1, 1e300, nowMs * 1_000].map((exp): [string, string] => [
      `exp ${JSON.stringify(exp)}`,
      withClaims({ exp }),
    ]),
    ...['1e400', '-1e400', 'NaN', 'Infinity', '01', '0x7fffffff', '+1'].map((exp): [string, string] => [
      `exp ${exp} as text`,
      raw(header, JSON.stringify({ ...claims, exp: 1 }).replace('"exp":1', `"exp":${exp}`)),
    ]),
    ...[undefined, null, String(now), -1, now + 61, 1e300, []].map((iat): [string, string] => [
      `iat ${JSON.stringify(iat)}`,
      withClaims({ iat }),
    ]),
    ...[null, String(now), -1, now + 61, 1e300, {}].map((nbf): [string, string] => [`nbf ${JSON.stringify(nbf)}`, withClaims({ nbf })]),
    ...[
      null,
      1,
      ['llm:access'],
      { 'llm:access': true },
      ' llm:access',
      'llm:access ',
      'a  llm:access',
      'a\tllm:access',
      'llm:access\n',
      'llm:access\u00a0',
    ].map((scope): [string, string] => [`scope ${JSON.stringify(scope)}`, withClaims({ scope })]),
    ...[...odd, 'a b', 'a\n', 'a\0', "a' OR 1=1", '{a}', 'a%', '../a', 'ä', '__proto__', 'x'.repeat(129)].map((value): [string, string] => [
      `client_id ${JSON.stringify(value)}`,
      withClaims({ client_id: value }),
    ]),
    ...[...odd, 'a b', 'a\r\nx: y', 'x'.repeat(256)].map((sub): [string, string] => [`sub ${JSON.stringify(sub)}`, withClaims({ sub })]),
    ...[...odd, 'a b'].map((team): [string, string] => [`team ${JSON.stringify(team)}`, withClaims({ team })]),
    ...[...odd, 'a b', 'x'.repeat(257)].map((jti): [string, string] => [`jti ${JSON.stringify(jti)}`, withClaims({ jti })]),
  ];

  it.each(invalid)('%s', async (_what, token) => {
    expect(await verifier.judge(token)).toMatchObject({ kind: 'deny', denial: { code: 'credential_invalid' } });
  });

  it.each([
    ['exp now', withClaims({ exp: now }), 'credential_expired'],
    ['exp a second ago', withClaims({ exp: now - 1 }), 'credential_expired'],
    ['exp 0', withClaims({ exp: 0 }), 'credential_expired'],
    ['issued longer ago than the greatest age', withClaims({ iat: now - 86_400 }), 'credential_expired'],
    ['no scope', without('scope'), 'scope_missing'],
    ['an empty scope', withClaims({ scope: '' }), 'scope_missing'],
    ['a longer scope', withClaims({ scope: 'llm:accessible' }), 'scope_missing'],
    ['a scope in capitals', withClaims({ scope: 'LLM:ACCESS' }), 'scope_missing'],
    ['scopes joined by a comma', withClaims({ scope: 'openid,llm:access' }), 'scope_missing'],
    ['no client_id', without('client_id'), 'scope_missing'],
  ])('%s', async (_what, token, code) => {
    expect(await verifier.judge(token)).toMatchObject({ kind: 'deny', denial: { code } });
  });

  it('end the token by its age where that comes before its exp', async () => {
    const outcome = await verifier.judge(withClaims({ iat: now - 86_000, exp: now + 10_000 }));
    expect(outcome).toMatchObject({ kind: 'next', found: { expiresAtMs: nowMs + 400_000 } });
  });
});

describe('the certificate of a bound token', () => {
  const sha256 = Buffer.alloc(32, 7).toString('base64url');
  const otherSha256 = Buffer.alloc(32, 8).toString('base64url');
  const bound = withClaims({ cnf: { 'x5t#S256': sha256 } });

  it.each([
    ['itself, mapped to a client', { sha256, isIdentity: true }],
    ['itself, mapped to nobody', { sha256, isIdentity: false }],
  ])('may be %s', async (_what, certificate) => {
    expect(await verifier.judge(bound, certificate)).toMatchObject({ kind: 'next', found: { client: 'billing' } });
  });

  it.each([
    ['missing', bound, undefined, 'credential_unbound'],
    ['another one', bound, { sha256: otherSha256, isIdentity: false }, 'credential_unbound'],
    ['another one that is mapped', bound, { sha256: otherSha256, isIdentity: true }, 'credential_unbound'],
    ['mapped beside a token that is not bound', good, { sha256, isIdentity: true }, 'credential_ambiguous'],
    ...[
      null,
      'x',
      1,
      [],
      {},
      { jkt: 'a' },
      { jwk: {} },
      { 'x5t#S256': 1 },
      { 'x5t#S256': sha256, jkt: 'a' },
      { 'x5t#s256': sha256 },
      [sha256],
    ].map((cnf): [string, string, { sha256: string; isIdentity: boolean }, string] => [
      `asked for as ${JSON.stringify(cnf)}`,
      withClaims({ cnf }),
      { sha256, isIdentity: false },
      'credential_invalid',
    ]),
    ['asked for by key proof (DPoP), and none is there', withClaims({ cnf: { jkt: 'a' } }), undefined, 'credential_invalid'],
  ])('may not be %s', async (_what, token, certificate, code) => {
    expect(await verifier.judge(token, certificate)).toMatchObject({ kind: 'deny', denial: { code } });
  });

  it('does not matter where it is mapped to nobody and the token is not bound', async () => {
    expect(await verifier.judge(good, { sha256, isIdentity: false })).toMatchObject({ kind: 'next' });
  });
});

describe('where the token is', () => {
  const bearer = { name: 'authorization', value: `Bearer ${good}` };

  it('is Authorization: Bearer', async () => {
    expect(await verifier.judgeHeaders([bearer])).toMatchObject({ kind: 'next' });
  });

  it.each([
    ['a cookie', [{ name: 'cookie', value: `access_token=${good}` }], 'credential_missing'],
    ['a header of its own', [{ name: 'x-access-token', value: good }], 'credential_missing'],
    ['x-api-key', [{ name: 'x-api-key', value: good }], 'credential_invalid'],
    ['Authorization without a scheme', [{ name: 'authorization', value: good }], 'credential_invalid'],
    ['Authorization: DPoP', [{ name: 'authorization', value: `DPoP ${good}` }], 'credential_invalid'],
    ['Authorization twice', [bearer, bearer], 'credential_ambiguous'],
    ['Authorization, two of them', [{ name: 'authorization', value: `Bearer ${good}, Bearer ${good}` }], 'credential_ambiguous'],
    ['Authorization, two of them with a space', [{ name: 'authorization', value: `Bearer ${good} ${good}` }], 'credential_invalid'],
  ])('is not %s', async (_what, headers, code) => {
    expect(await verifier.judgeHeaders(headers)).toMatchObject({ kind: 'deny', denial: { code } });
  });

  it('is not the URL', async () => {
    const outcome = await verifier.judgeHeaders([], `/v1/chat/completions?access_token=${good}`);
    expect(outcome).toMatchObject({ kind: 'deny', denial: { code: 'credential_missing' } });
  });
});

describe('what the operator may loosen', () => {
  it('is the type', async () => {
    using loose = openVerifier(new Map([[issuer, [ec]]]), { types: ['JWT', 'absent'] });
    expect(await loose.judge(withHeader({ typ: 'JWT' }))).toMatchObject({ kind: 'next' });
    expect(await loose.judge(raw({ alg: 'ES256', kid: 'ec-1' }, claims))).toMatchObject({ kind: 'next' });
    expect(await loose.judge(good)).toMatchObject({ kind: 'deny' });
  });

  it('is not symmetric algorithms', async () => {
    using loose = openVerifier(new Map([[issuer, [ec, rsa]]]), { algorithms: ['HS256', 'none', 'RS256'] });
    expect(await loose.judge(hmacToken(pem, { alg: 'HS256', kid: 'rsa-1', typ: 'at+jwt' }, claims))).toMatchObject({ kind: 'deny' });
    expect(await loose.judge(`${encodePart({ ...header, alg: 'none' })}.${goodPayload}.${goodSignature}`)).toMatchObject({ kind: 'deny' });
  });

  it('is the name of the client claim, and then that claim is needed', async () => {
    using loose = openVerifier(new Map([[issuer, [ec]]]), { clientClaim: 'azp', tierClaim: 'tier' });
    expect(await loose.judge(withClaims({ azp: 'ledger', tier: 'gold' }))).toMatchObject({
      kind: 'next',
      found: { client: 'ledger', tier: 'gold' },
    });
    expect(await loose.judge(good)).toMatchObject({ kind: 'deny', denial: { code: 'scope_missing' } });
    expect(await loose.judge(withClaims({ azp: 'ledger', client_id: 1 }))).toMatchObject({ kind: 'deny' });
  });
});
