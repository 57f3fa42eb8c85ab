import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, chatBody, observe, type Ask } from '../support/ask.ts';
import { openDoor, type Door } from '../support/door.ts';
import { freshClaims, makeIdentities, type Identities } from '../support/identities.ts';
import { startIdentityProvider, type IdentityProvider } from '../support/identity-provider.ts';
import { encodePart, headerOf, hmacToken, makeKey, publicJwk, signToken } from '../support/token-issuer.ts';
import { until } from '../support/wait.ts';

/** Of the sidecar's monotonic clock: more than the ten minutes after which keys are due, less than twice the time they may be used. */
const stepMs = 11 * 60_000;
const goneIssuer = 'https://gone.example';

describe('access tokens', () => {
  let door: Door;
  let identities: Identities;
  let idp: IdentityProvider;
  beforeAll(async () => {
    identities = makeIdentities();
    idp = await startIdentityProvider();
    await idp.addKey('ES256', 'first');
    door = await openDoor({
      environment: {
        NODE_OPTIONS: `--import ${new URL('../support/step-clock.ts', import.meta.url).href}`,
        STEP_CLOCK_MS: String(stepMs),
      },
      settings: (raw) => {
        identities.apply(raw);
        raw.identity.jwt?.push(
          { issuer: idp.issuer, audience: 'sallyport', jwks: idp.jwks, allowPrivate: true, jwksMaxStale: '5m' },
          { issuer: goneIssuer, audience: 'sallyport', jwks: 'http://127.0.0.1:9/jwks', allowPrivate: true },
        );
      },
    });
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
    await idp[Symbol.asyncDispose]();
    identities[Symbol.dispose]();
  });

  const untilCode = async (bearer: string, code: string | undefined): Promise<void> => {
    await until(async () => (await ask(door, { bearer })).code === code, { deadlineMs: 5_000, what: `the answer ${String(code)}` });
  };

  const stepClock = (): void => {
    for (const sidecar of door.sidecars) {
      sidecar.signal('SIGUSR2');
    }
  };

  it('of an identity provider are good, and no provider sees them', async () => {
    const token = await idp.token('first');
    const seen = await observe(door, { bearer: token });
    expect(seen).toMatchObject({
      status: 200,
      arrived: 1,
      line: { caller: 'jwt', client: 'billing', user: 'user-1', issuer: idp.issuer, model: 'large' },
    });
    const request = door.providers.alpha.requests.at(-1);
    expect(JSON.stringify([request?.headers, request?.body.toString()])).not.toContain(token.slice(-43));
  });

  it('are bounded by team and tier as they say', async () => {
    const bearer = identities.token({ client_id: 'ledger', team: 'finance' });
    expect(await observe(door, { bearer, body: chatBody('small') })).toMatchObject({
      status: 200,
      line: { client: 'ledger', team: 'finance' },
    });
    expect(await observe(door, { bearer })).toMatchObject({ status: 403, code: 'model_not_allowed', arrived: 0 });
  });

  describe('that are not good are refused alike, before anything reaches a provider', () => {
    const attacker = makeKey('ES256', 'key-1');
    const rsa = makeKey('RS256', 'key-1');
    const attacks: Readonly<Record<string, (own: Identities) => string>> = {
      'alg none': ({ issuer }) => `${encodePart({ alg: 'none', typ: 'at+jwt' })}.${encodePart(freshClaims(issuer))}.AAAA`,
      'alg nOnE with the signature of a good token': (own) => {
        const [, payload, signature] = own.token().split('.');
        return `${encodePart({ ...headerOf(own.key), alg: 'nOnE' })}.${String(payload)}.${String(signature)}`;
      },
      'HMAC with an empty key': ({ issuer }) => hmacToken('', { alg: 'HS256', kid: 'key-1', typ: 'at+jwt' }, freshClaims(issuer)),
      'HMAC with the public key as PEM': ({ issuer, key }) =>
        hmacToken(
          key.publicKey.export({ format: 'pem', type: 'spki' }),
          { alg: 'HS256', kid: 'key-1', typ: 'at+jwt' },
          freshClaims(issuer),
        ),
      'HMAC with the public key as JWK': ({ issuer, key }) =>
        hmacToken(JSON.stringify(publicJwk(key)), { alg: 'HS256', kid: 'key-1', typ: 'at+jwt' }, freshClaims(issuer)),
      'a key of the attacker under the right id': ({ issuer }) => signToken(attacker, headerOf(attacker), freshClaims(issuer)),
      'a key of another kind under the right id': ({ issuer }) => signToken(rsa, headerOf(rsa), freshClaims(issuer)),
      'an embedded key': ({ issuer }) => signToken(attacker, { ...headerOf(attacker), jwk: publicJwk(attacker) }, freshClaims(issuer)),
      'a jku': ({ issuer }) => signToken(attacker, { ...headerOf(attacker), jku: idp.jwks }, freshClaims(issuer)),
      'an x5u': ({ issuer }) => signToken(attacker, { ...headerOf(attacker), x5u: idp.jwks }, freshClaims(issuer)),
      'an empty kid': ({ issuer, key }) => signToken(key, { ...headerOf(key), kid: '' }, freshClaims(issuer)),
      'a kid that is a path': ({ issuer, key }) => signToken(key, { ...headerOf(key), kid: '../../dev/null' }, freshClaims(issuer)),
      'a kid that is SQL': ({ issuer, key }) => signToken(key, { ...headerOf(key), kid: "' OR 1=1 --" }, freshClaims(issuer)),
      'a kid that is a list': ({ issuer, key }) => signToken(key, { ...headerOf(key), kid: ['key-1'] }, freshClaims(issuer)),
      'an alg that is a list': ({ issuer, key }) => signToken(key, { ...headerOf(key), alg: ['ES256'] }, freshClaims(issuer)),
      'another type': ({ issuer, key }) => signToken(key, { ...headerOf(key), typ: 'id+jwt' }, freshClaims(issuer)),
      crit: ({ issuer, key }) => signToken(key, { ...headerOf(key), crit: ['exp'] }, freshClaims(issuer)),
      'alg twice': ({ issuer, key }) => signToken(key, '{"alg":"ES256","alg":"none","kid":"key-1","typ":"at+jwt"}', freshClaims(issuer)),
      'a claim twice': ({ issuer, key }) =>
        signToken(key, headerOf(key), JSON.stringify(freshClaims(issuer)).replace('{', '{"client_id":"admin",')),
      'the payload of another token': (own) => {
        const [header, , signature] = own.token().split('.');
        return `${String(header)}.${encodePart(freshClaims(own.issuer, { client_id: 'admin' }))}.${String(signature)}`;
      },
      'a cut signature': (own) => own.token().slice(0, -4),
      'exp as text': (own) => own.token({ exp: '9999999999' }),
      'no exp': (own) => own.token({ exp: undefined }),
      'exp far too large': ({ issuer, key }) =>
        signToken(key, headerOf(key), JSON.stringify(freshClaims(issuer)).replace(/"exp":\d+/u, '"exp":1e400')),
      'not valid yet': (own) => own.token({ nbf: Math.floor(Date.now() / 1_000) + 3_600 }),
      'another audience': (own) => own.token({ aud: ['billing', 'Sallyport'] }),
      'the issuer in another spelling': (own) => own.token({ iss: `${own.issuer}/` }),
      'our key for the claim of another issuer': (own) => signToken(own.key, headerOf(own.key), freshClaims(idp.issuer)),
      'a client that is a list': (own) => own.token({ client_id: ['billing'] }),
      'a client with a line end': (own) => own.token({ client_id: 'billing\nadmin' }),
      'a nested token': (own) => signToken(own.key, { ...headerOf(own.key), cty: 'JWT' }, own.token()),
      'JSON serialisation': (own) => JSON.stringify({ payload: own.token().split('.')[1] }),
    };
    it.each(Object.keys(attacks))('%s', async (what) => {
      const before = door.arrived();
      const answer = await ask(door, { bearer: attacks[what]?.(identities) ?? '' });
      expect(answer).toMatchObject({ status: 401, code: 'credential_invalid' });
      expect(door.arrived()).toBe(before);
      expect(answer.text).toBe((await ask(door, { bearer: 'nonsense' })).text);
    });

    it.each<[string, Readonly<Record<string, unknown>>, number, string]>([
      ['expired', { iat: 1_000_000_000, nbf: 1_000_000_000, exp: 1_000_000_300 }, 401, 'credential_expired'],
      ['issued too long ago', { iat: 1_000_000_000, nbf: 1_000_000_000 }, 401, 'credential_expired'],
      ['without a scope', { scope: undefined }, 403, 'scope_missing'],
      ['with another scope', { scope: 'openid llm:access:read xllm:access' }, 403, 'scope_missing'],
      ['with the scope as a list', { scope: ['llm:access'] }, 401, 'credential_invalid'],
      ['without a client', { client_id: undefined }, 403, 'scope_missing'],
      ['of a client without a policy', { client_id: 'nobody', team: undefined }, 403, 'policy_missing'],
    ])('one %s', async (_what, changes, status, code) => {
      expect(await observe(door, { bearer: identities.token(changes) })).toMatchObject({ status, code, arrived: 0 });
    });

    it.each<[string, (token: string) => Ask, string]>([
      ['in a header for keys', (token) => ({ headers: [['x-api-key', token]] }), 'credential_invalid'],
      ['in a cookie', (token) => ({ headers: [['cookie', `access_token=${token}`]] }), 'credential_missing'],
      ['under another scheme', (token) => ({ headers: [['authorization', `DPoP ${token}`]] }), 'credential_invalid'],
      ['behind two spaces', (token) => ({ headers: [['authorization', `Bearer  ${token}`]] }), 'credential_invalid'],
      ['twice in one header', (token) => ({ headers: [['authorization', `Bearer ${token}, Bearer ${token}`]] }), 'credential_ambiguous'],
      [
        'in two headers',
        (token) => ({
          headers: [
            ['authorization', `Bearer ${token}`],
            ['Authorization', `Bearer ${token}`],
          ],
        }),
        'credential_ambiguous',
      ],
      ['beside a key', (token) => ({ bearer: token, headers: [['x-api-key', 'vk_test_1']] }), 'credential_ambiguous'],
    ])('one %s', async (_what, asked, code) => {
      expect(await observe(door, asked(identities.token()))).toMatchObject({ status: 401, code, arrived: 0 });
    });

    it('one in the query', async () => {
      const before = door.arrived();
      const answer = await ask(door, { path: `/v1/chat/completions?access_token=${identities.token()}` });
      expect(answer).toMatchObject({ status: 401, code: 'credential_invalid' });
      expect(door.arrived()).toBe(before);
    });
  });

  it('that begin alike are told apart', async () => {
    const padding = { aaa: 'x'.repeat(400), iat: Math.floor(Date.now() / 1_000) - 5 };
    const { client_id: _, ...rest } = freshClaims(identities.issuer, padding);
    const tokenOf = (client: string): string =>
      signToken(identities.key, headerOf(identities.key), { ...padding, ...rest, client_id: client });
    const [wide, narrow] = [tokenOf('billing'), tokenOf('ledger')];
    expect(wide.slice(0, 400)).toBe(narrow.slice(0, 400));
    for (let round = 0; round < 3; round += 1) {
      expect(await observe(door, { bearer: wide })).toMatchObject({ status: 200, line: { client: 'billing' } });
      expect(await observe(door, { bearer: narrow })).toMatchObject({ status: 403, code: 'model_not_allowed', line: { client: 'ledger' } });
      expect((await ask(door, { bearer: `${wide.slice(0, -6)}AAAAAA` })).code).toBe('credential_invalid');
    }
  });

  describe('are refused when they are blocked', () => {
    it('by token id, and no other token is', async () => {
      const [blocked, other] = [identities.token({ jti: 'blocked-1' }), identities.token({ jti: 'other-1' })];
      await untilCode(blocked, undefined);
      await door.store.block({ kind: 'jti', value: 'blocked-1', reason: 'a test', atMs: Date.now(), abortStreams: false });
      await untilCode(blocked, 'caller_blocked');
      expect(await observe(door, { bearer: blocked })).toMatchObject({ status: 403, arrived: 0 });
      await untilCode(other, undefined);
      await door.store.unblock('jti', 'blocked-1');
      await untilCode(blocked, undefined);
    });

    it('by issuer, and no other issuer is', async () => {
      await door.store.block({ kind: 'issuer', value: identities.issuer, reason: 'a test', atMs: Date.now(), abortStreams: false });
      await untilCode(identities.token(), 'caller_blocked');
      await untilCode(await idp.token('first'), undefined);
      await door.store.unblock('issuer', identities.issuer);
      await untilCode(identities.token(), undefined);
    });
  });

  it('of an issuer whose keys were never known cannot be judged, which refuses', async () => {
    const seen = await observe(door, { bearer: signToken(identities.key, headerOf(identities.key), freshClaims(goneIssuer)) });
    expect(seen).toMatchObject({ status: 503, code: 'decision_unavailable', arrived: 0 });
    expect(seen.line).toMatchObject({ disposition: 'faulted', detail: 'check: jwks: token keys: unreachable' });
    expect(seen.text).not.toContain('jwks');
  });

  it('signed with a new key are good once the issuer may be asked again, and it is asked once', async () => {
    await idp.addKey('ES256', 'second');
    const bearer = await idp.token('second');
    const asked = idp.requests();
    expect(await observe(door, { bearer })).toMatchObject({ status: 401, code: 'credential_invalid', arrived: 0 });
    expect(idp.requests()).toBe(asked);
    stepClock();
    expect(await observe(door, { bearer })).toMatchObject({ status: 200, arrived: 1 });
    expect(await observe(door, { bearer: await idp.token('first') })).toMatchObject({ status: 200, arrived: 1 });
    expect(idp.requests()).toBe(asked + 1);
  });

  it('are judged by the last known keys while the issuer is away, and by none when these are too old', async () => {
    const bearer = await idp.token('first');
    await idp.stop();
    stepClock();
    expect(await observe(door, { bearer })).toMatchObject({ status: 200, arrived: 1, line: { issuer: idp.issuer } });
    stepClock();
    const seen = await observe(door, { bearer });
    expect(seen).toMatchObject({ status: 503, code: 'decision_unavailable', arrived: 0 });
    expect(seen.line).toMatchObject({ disposition: 'faulted', detail: 'check: jwks: token keys: unreachable' });
    expect(await observe(door, { bearer: identities.token() })).toMatchObject({ status: 200 });
    await idp.start();
    stepClock();
    expect(await observe(door, { bearer })).toMatchObject({ status: 200, arrived: 1 });
  });
});
