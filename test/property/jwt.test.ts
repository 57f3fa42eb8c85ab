import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { judgeCredential } from '../../src/policy/credential.ts';
import { judgeClaims } from '../../src/policy/jwt/claims.ts';
import { membersOf } from '../../src/policy/jwt/members.ts';
import { parseToken } from '../../src/policy/jwt/token.ts';
import { claimsOf, encodePart, headerOf, makeKey, nowMs, openVerifier, rulesOf, signToken } from '../support/token-issuer.ts';

const issuer = 'https://idp.example';
const keys = [makeKey('ES256', 'ec'), makeKey('RS256', 'rsa'), makeKey('EdDSA', 'ed')];
const verifier = openVerifier(new Map([[issuer, keys]]));
const tokens = keys.map((key) => signToken(key, headerOf(key), claimsOf(issuer)));

afterAll(() => {
  verifier[Symbol.dispose]();
});

const digit = fc.stringMatching(/^[A-Za-z0-9_.-]$/);
const character = fc.oneof(
  { weight: 4, arbitrary: digit },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
);

/** One change of a text at a place: replace, insert, remove, swap with the next, cut off, double a piece. */
const change = fc.record({ how: fc.constantFrom('replace', 'insert', 'remove', 'swap', 'cut', 'double'), at: fc.nat(), character });

function changed(text: string, { how, at, character: other }: { how: string; at: number; character: string }): string {
  const place = at % text.length;
  const [before, here, after] = [text.slice(0, place), text.charAt(place), text.slice(place + 1)];
  switch (how) {
    case 'replace':
      return before + other + after;
    case 'insert':
      return before + other + here + after;
    case 'remove':
      return before + after;
    case 'swap':
      return before + after.slice(0, 1) + here + after.slice(1);
    case 'cut':
      return before;
    default:
      return before + here + text.slice(0, place % 40) + after;
  }
}

describe('tokens', () => {
  it('are not valid with anything changed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...tokens), fc.array(change, { minLength: 1, maxLength: 3 }), async (token, changes) => {
        const mutated = changes.reduce((text, each) => (text === '' ? each.character : changed(text, each)), token);
        fc.pre(!tokens.includes(mutated));
        expect(await verifier.judge(mutated)).toMatchObject({ kind: 'deny', denial: { code: 'credential_invalid' } });
        expect(await verifier.judge(token)).toMatchObject({ kind: 'next' });
      }),
      { numRuns: 2_000 },
    );
  });

  it('get an outcome whatever the text is', () => {
    const part = fc.oneof(
      fc.json().map((text) => encodePart(text)),
      fc.uint8Array({ maxLength: 64 }).map((bytes) => encodePart(bytes)),
      fc.object().map((value) => encodePart(value)),
      fc.string({ unit: 'binary' }),
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.tuple(part, part, part).map((parts) => parts.join('.')),
    );
    fc.assert(
      fc.property(text, (token) => {
        expect(parseToken(token).kind).not.toBe('fault');
      }),
      { numRuns: 2_000 },
    );
  });

  it('speak for nobody by chance, however their claims look', () => {
    const rules = rulesOf(issuer);
    const names = Object.keys(claimsOf(issuer));
    const claim = fc.record({ name: fc.constantFrom(...names, 'cnf', '__proto__'), value: fc.jsonValue() });
    fc.assert(
      fc.property(claim, ({ name, value }) => {
        const claims = membersOf(JSON.parse(JSON.stringify({ ...claimsOf(issuer), [name]: value }))) ?? new Map<string, unknown>();
        const outcome = judgeClaims(claims, rules, undefined, nowMs);
        if (outcome.kind === 'next') {
          const { client, expiresAtMs, user } = outcome.found;
          expect(client).toMatch(/^[A-Za-z0-9][A-Za-z0-9._:@/|+=-]*$/);
          expect(user ?? 'a').toMatch(/^[A-Za-z0-9][A-Za-z0-9._:@/|+=-]*$/);
          expect(expiresAtMs).toBeGreaterThan(nowMs);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('credentials', () => {
  it('get an outcome whatever the headers are, and never a fault', () => {
    const name = fc.constantFrom('authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'proxy-authorization', 'cookie');
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }).map((text) => `Bearer ${text}`),
    );
    fc.assert(
      fc.property(fc.array(fc.record({ name, value }), { maxLength: 4 }), (headers) => {
        const view = { exchangeId: 'x', method: 'GET', path: '/', authority: 'a', headers, certificate: undefined };
        const outcome = judgeCredential(view, () => true);
        const carriers = headers.filter((header) => header.name !== 'cookie');
        expect(outcome.kind).not.toBe('fault');
        if (outcome.kind === 'next') {
          expect(carriers).toHaveLength(1);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
