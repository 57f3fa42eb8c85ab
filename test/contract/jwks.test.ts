import { writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { KeyRefresh } from '../../src/adapters/jwks/key-cache.ts';
import { openTokenKeys, type OpenTokenKeys } from '../../src/adapters/jwks/token-keys.ts';
import { openVerdicts } from '../../src/adapters/jwks/verdicts.ts';
import { Secret } from '../../src/core/secret.ts';
import type { SignatureVerdict } from '../../src/ports/token-keys.ts';
import { startIdentityProvider, type IdentityProvider } from '../support/identity-provider.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { claimsOf, headerOf, makeKey, publicJwk, signToken } from '../support/token-issuer.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

const opened: (() => void | PromiseLike<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) {
    await close();
  }
});

interface Bench {
  readonly idp: IdentityProvider;
  readonly keys: OpenTokenKeys;
  readonly refreshes: KeyRefresh[];
  readonly pass: (ms: number) => void;
  readonly verify: (token: string, keyId: string | undefined, algorithm?: string) => Promise<SignatureVerdict>;
  readonly ready: () => boolean | undefined;
  /** The keys under settings that come after, with this issuer at this place. */
  readonly reopen: (jwks: string) => OpenTokenKeys;
}

async function openBench(changes: { jwks?: string; maxStaleMs?: number; timeoutMs?: number } = {}): Promise<Bench> {
  const idp = await startIdentityProvider();
  await idp.addKey('ES256', 'k1');
  let nowMs = 5 * hour;
  const refreshes: KeyRefresh[] = [];
  const open = (jwks: string, before?: OpenTokenKeys): OpenTokenKeys => {
    const keys = openTokenKeys({
      issuers: [{ issuer: idp.issuer, jwks, jwksMaxStaleMs: changes.maxStaleMs ?? hour, allowPrivate: true }],
      clock: () => nowMs,
      onRefresh: (_issuer, refresh) => refreshes.push(refresh),
      timeoutMs: changes.timeoutMs ?? 5_000,
      before,
    });
    opened.push(() => {
      keys.close();
    });
    return keys;
  };
  const keys = open(changes.jwks ?? idp.jwks);
  opened.push(async () => idp[Symbol.asyncDispose]());
  return {
    idp,
    keys,
    refreshes,
    pass: (ms) => {
      nowMs += ms;
    },
    verify: async (token, keyId, algorithm = 'ES256') =>
      keys.verify(new Secret(token), { issuer: idp.issuer, algorithm, keyId }, AbortSignal.timeout(10_000)),
    ready: () => keys.readiness().get(idp.issuer),
    reopen: (jwks) => open(jwks, keys),
  };
}

const publish =
  (...keys: readonly ReturnType<typeof makeKey>[]): RequestListener =>
  (_request, response) => {
    response.end(JSON.stringify({ keys: keys.map(publicJwk) }));
  };

const verdictOf = async (keys: OpenTokenKeys, idp: IdentityProvider, token?: string): Promise<unknown> => {
  const claim = { issuer: idp.issuer, algorithm: 'ES256', keyId: 'k1' };
  return keys.verify(new Secret(token ?? (await idp.token('k1'))), claim, AbortSignal.timeout(10_000)).catch((error: unknown) => error);
};

describe('the keys of an issuer, when the settings change', () => {
  it('stay good while it is away, and no longer than they would have', async () => {
    const { idp, keys, pass, reopen } = await openBench({ maxStaleMs: minute });
    await keys.refresh();
    const token = await idp.token('k1');
    await idp.stop();
    const after = reopen(idp.jwks);
    await after.refresh();
    expect(await verdictOf(after, idp, token)).toBe('valid');
    pass(11 * minute + 1);
    expect(after.readiness().get(idp.issuer)).toBe(false);
    await idp.start();
  });

  it('are read anew, so that one that was taken away is no longer good', async () => {
    const { idp, keys, reopen } = await openBench();
    await keys.refresh();
    idp.answerBy(publish(makeKey('ES256', 'k2')));
    const after = reopen(idp.jwks);
    await after.refresh();
    expect(await verdictOf(after, idp)).toBe('unknown_key');
  });

  it('are not those of another place', async () => {
    const { idp, keys, reopen } = await openBench();
    await keys.refresh();
    const after = reopen(`${idp.issuer}/elsewhere`);
    await after.refresh();
    expect(await verdictOf(after, idp)).toMatchObject({ name: 'TokenKeysError' });
  });
});

describe('the keys of an issuer', () => {
  it.each(['ES256', 'RS256', 'PS256', 'EdDSA'])('verify its %s tokens', async (algorithm) => {
    const { idp, verify } = await openBench();
    await idp.addKey(algorithm, 'k2');
    expect(await verify(await idp.token('k2'), 'k2', algorithm)).toBe('valid');
  });

  it('are read once for a hundred first requests, and not again for ten minutes', async () => {
    const { idp, verify, pass, ready } = await openBench();
    const token = await idp.token('k1');
    expect(ready()).toBe(false);
    const verdicts = await Promise.all(Array.from({ length: 100 }, async () => verify(token, 'k1')));
    expect(new Set(verdicts)).toEqual(new Set(['valid']));
    pass(9 * minute);
    expect(await verify(token, 'k1')).toBe('valid');
    expect(idp.requests()).toBe(1);
    expect(ready()).toBe(true);
  });

  it('are read again when they are due, beside the requests', async () => {
    const { idp, keys, verify, pass, refreshes } = await openBench();
    const token = await idp.token('k1');
    await verify(token, 'k1');
    pass(10 * minute);
    expect(await verify(token, 'k1')).toBe('valid');
    await keys.refresh();
    expect(idp.requests()).toBe(2);
    expect(refreshes).toEqual([
      { kind: 'loaded', keys: 1, refusedKeys: 0 },
      { kind: 'loaded', keys: 1, refusedKeys: 0 },
    ]);
  });

  it('are followed when they roll: the new key at once, the old one as long as it is published', async () => {
    const { idp, keys, verify, pass } = await openBench();
    const [old, young] = [makeKey('ES256', 'old'), makeKey('ES256', 'young')];
    const oldToken = signToken(old, headerOf(old), claimsOf(idp.issuer));
    const youngToken = signToken(young, headerOf(young), claimsOf(idp.issuer));
    idp.answerBy(publish(old));
    expect(await verify(oldToken, 'old')).toBe('valid');
    expect(await verify(youngToken, 'young')).toBe('unknown_key');
    idp.answerBy(publish(old, young));
    pass(30 * second);
    expect(await verify(youngToken, 'young')).toBe('valid');
    expect(await verify(oldToken, 'old')).toBe('valid');
    idp.answerBy(publish(young));
    pass(10 * minute);
    await keys.refresh();
    expect(await verify(oldToken, 'old')).toBe('unknown_key');
    expect(await verify(youngToken, 'young')).toBe('valid');
  });

  it('do not outlive a key that was exchanged under its old id', async () => {
    const { idp, keys, verify, pass } = await openBench();
    const [first, next] = [makeKey('ES256', 'same'), makeKey('ES256', 'same')];
    const token = signToken(first, headerOf(first), claimsOf(idp.issuer));
    idp.answerBy(publish(first));
    expect(await verify(token, 'same')).toBe('valid');
    idp.answerBy(publish(next));
    pass(10 * minute);
    await keys.refresh();
    expect(await verify(token, 'same')).toBe('invalid');
  });

  it('are taken by the only key that fits where a token names none', async () => {
    const { idp, verify, pass } = await openBench();
    const token = await idp.token('k1');
    expect(await verify(token, undefined)).toBe('valid');
    await idp.addKey('ES256', 'k2');
    pass(10 * minute);
    await verify(token, 'k2');
    expect(await verify(token, undefined)).toBe('unknown_key');
  });
});

describe('a flood of unknown key ids', () => {
  it('costs the issuer one question in 30 seconds', async () => {
    const { idp, verify, pass } = await openBench();
    const token = await idp.token('k1');
    await verify(token, 'k1');
    for (let round = 1; round <= 3; round += 1) {
      pass(30 * second);
      const verdicts = await Promise.all(
        Array.from({ length: 1_000 }, async (_, index) => verify(token, `${String(round)}-${String(index)}`)),
      );
      expect(new Set(verdicts)).toEqual(new Set(['unknown_key']));
      expect(idp.requests()).toBe(1 + round);
      pass(29 * second);
      expect(await verify(token, 'other')).toBe('unknown_key');
      expect(idp.requests()).toBe(1 + round);
    }
  });

  it('costs a failing issuer no more, and is not told "no such key" by one that does not answer', async () => {
    const { idp, verify, pass } = await openBench();
    const token = await idp.token('k1');
    await verify(token, 'k1');
    idp.answerBy((_request, response) => response.writeHead(500).end());
    pass(30 * second);
    for (let attempt = 0; attempt < 100; attempt += 1) {
      await expect(verify(token, `k-${String(attempt)}`)).rejects.toMatchObject({ name: 'TokenKeysError', code: 'bad_reply' });
    }
    expect(idp.requests()).toBe(2);
    expect(await verify(token, 'k1')).toBe('valid');
  });
});

describe('an issuer that is away', () => {
  it('is believed for the time allowed, then nothing is valid, then it is back', async () => {
    const { idp, keys, verify, pass, ready, refreshes } = await openBench();
    const token = await idp.token('k1');
    await verify(token, 'k1');
    await idp.stop();
    pass(10 * minute + hour);
    expect(await verify(token, 'k1')).toBe('valid');
    expect(ready()).toBe(true);
    await keys.refresh();
    pass(1);
    expect(ready()).toBe(false);
    await expect(verify(token, 'k1')).rejects.toMatchObject({ name: 'TokenKeysError', code: 'unreachable' });
    expect(refreshes.at(-1)).toEqual({ kind: 'failed', code: 'unreachable' });
    await idp.start();
    pass(30 * second);
    expect(await verify(token, 'k1')).toBe('valid');
    expect(ready()).toBe(true);
  });

  it('from the beginning gives no verdict, and is asked once in 30 seconds', async () => {
    const { idp, keys, verify, pass, ready } = await openBench();
    const token = await idp.token('k1');
    idp.answerBy((_request, response) => response.writeHead(503).end());
    for (let attempt = 0; attempt < 10; attempt += 1) {
      await expect(verify(token, 'k1')).rejects.toMatchObject({ code: 'bad_reply' });
      await keys.refresh();
    }
    expect(idp.requests()).toBe(1);
    expect(ready()).toBe(false);
    pass(30 * second);
    await expect(verify(token, 'k1')).rejects.toMatchObject({ code: 'bad_reply' });
    expect(idp.requests()).toBe(2);
  });

  it.each(['<html>', '{}', '{"keys":"k1"}', '{"keys":[]'])('is believed too while it answers %j', async (answer) => {
    const { idp, keys, verify, pass, refreshes } = await openBench();
    const token = await idp.token('k1');
    await verify(token, 'k1');
    idp.answerBy((_request, response) => response.end(answer));
    pass(10 * minute);
    await keys.refresh();
    expect(refreshes.at(-1)).toEqual({ kind: 'failed', code: 'bad_reply' });
    expect(await verify(token, 'k1')).toBe('valid');
  });

  it('by publishing no usable key says that none is valid', async () => {
    const { idp, keys, verify, pass, ready } = await openBench();
    const token = await idp.token('k1');
    await verify(token, 'k1');
    idp.answerBy(publish());
    pass(10 * minute);
    await keys.refresh();
    await expect(verify(token, 'k1')).rejects.toMatchObject({ code: 'no_keys' });
    expect(ready()).toBe(false);
  });

  it('keeps no request waiting beyond its time, and is still read for the next', async () => {
    const { idp, keys, verify } = await openBench();
    const token = await idp.token('k1');
    const held: (() => void)[] = [];
    const handled = new Promise<void>((resolve) => {
      idp.answerBy((_request, response) => {
        held.push(() => response.end(JSON.stringify({ keys: [] })));
        resolve();
      });
    });
    const claim = { issuer: idp.issuer, algorithm: 'ES256', keyId: 'k1' };
    const stop = new AbortController();
    const waiting = keys.verify(new Secret(token), claim, stop.signal);
    await handled;
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'timeout' });
    await expect(keys.verify(new Secret(token), claim, AbortSignal.abort())).rejects.toMatchObject({ code: 'timeout' });
    const next = verify(token, 'k1');
    held.forEach((release) => {
      release();
    });
    await expect(next).rejects.toMatchObject({ code: 'no_keys' });
    expect(idp.requests()).toBe(1);
  });
});

describe('remembered verdicts', () => {
  it('are of the whole token, not of its beginning', async () => {
    const { idp, verify } = await openBench();
    const key = makeKey('ES256', 'k1');
    idp.answerBy(publish(key));
    const padding = 'x'.repeat(300);
    const good = signToken(key, headerOf(key), { padding, client_id: 'billing' });
    const forged = `${signToken(key, headerOf(key), { padding, client_id: 'admin-1' }).split('.').slice(0, 2).join('.')}.${good.split('.')[2] ?? ''}`;
    expect(forged.slice(0, 200)).toBe(good.slice(0, 200));
    expect(await verify(good, 'k1')).toBe('valid');
    expect(await verify(forged, 'k1')).toBe('invalid');
    // The last character of 64 bytes has two bits: one in four signatures ends with this one already.
    const altered = `${good.slice(0, -1)}${good.endsWith('A') ? 'Q' : 'A'}`;
    expect(await verify(altered, 'k1')).toBe('invalid');
    expect(await verify(good, 'k1')).toBe('valid');
  });

  it('are not shared by issuers', async () => {
    const [one, two] = [makeKey('ES256', 'k1'), makeKey('ES256', 'k1')];
    using directory = makeTempDir();
    const issuers = [one, two].map((key, index) => {
      const path = directory.file(`${String(index)}.json`);
      writeFileSync(path, JSON.stringify({ keys: [publicJwk(key)] }));
      return { issuer: `https://${String(index)}.example`, jwks: `file:${path}`, jwksMaxStaleMs: 0, allowPrivate: false };
    });
    const keys = openTokenKeys({ issuers, clock: () => 0, onRefresh: () => undefined });
    const token = new Secret(signToken(one, headerOf(one), { a: 1 }));
    const verifyAt = async (issuer: string): Promise<SignatureVerdict> =>
      keys.verify(token, { issuer, algorithm: 'ES256', keyId: 'k1' }, AbortSignal.timeout(5_000));
    expect(await verifyAt('https://0.example')).toBe('valid');
    expect(await verifyAt('https://1.example')).toBe('invalid');
    keys.close();
  });
});

describe('the memory of verdicts', () => {
  const { publicKey } = makeKey('ES256', 'k1');

  it('forgets the oldest beyond 10,000', () => {
    const verdicts = openVerdicts(() => 0);
    const tokens = Array.from({ length: 10_001 }, (_, index) => `token-${String(index)}`);
    for (const token of tokens) {
      verdicts.add(token, publicKey);
    }
    expect(tokens.filter((token) => !verdicts.has(token, publicKey))).toEqual(['token-0']);
  });

  it('forgets after a minute, and knows a verdict by its very key', () => {
    let nowMs = 0;
    const verdicts = openVerdicts(() => nowMs);
    verdicts.add('token', publicKey);
    expect(verdicts.has('token', makeKey('ES256', 'k1').publicKey)).toBe(false);
    nowMs = 59_999;
    expect(verdicts.has('token', publicKey)).toBe(true);
    nowMs = 60_000;
    expect(verdicts.has('token', publicKey)).toBe(false);
  });
});

describe('a key set in a file', () => {
  it('is read, and missing or too large it is an issuer that is away', async () => {
    using directory = makeTempDir();
    const path = directory.file('jwks.json');
    const { idp, verify, pass } = await openBench({ jwks: `file:${path}` });
    const key = makeKey('EdDSA', 'ed');
    const token = signToken(key, headerOf(key), claimsOf(idp.issuer));
    await expect(verify(token, 'ed', 'EdDSA')).rejects.toMatchObject({ code: 'unreachable' });
    writeFileSync(path, ' '.repeat(256 * 1_024 + 1));
    pass(30 * second);
    await expect(verify(token, 'ed', 'EdDSA')).rejects.toMatchObject({ code: 'too_large' });
    writeFileSync(path, JSON.stringify({ keys: [publicJwk(key)] }));
    pass(30 * second);
    expect(await verify(token, 'ed', 'EdDSA')).toBe('valid');
    expect(idp.requests()).toBe(0);
  });
});
