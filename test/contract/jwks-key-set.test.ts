import { Buffer } from 'node:buffer';
import { generateKeyPairSync, randomBytes, type JsonWebKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseKeySet, selectKey } from '../../src/adapters/jwks/key-set.ts';
import { isRocaModulus } from '../../src/adapters/jwks/roca.ts';

const exported = (pair: { publicKey: { export: (options: { format: 'jwk' }) => JsonWebKey } }): JsonWebKey =>
  pair.publicKey.export({ format: 'jwk' });
const ec = exported(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
const ec384 = exported(generateKeyPairSync('ec', { namedCurve: 'P-384' }));
const ec521 = exported(generateKeyPairSync('ec', { namedCurve: 'P-521' }));
const koblitz = exported(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }));
const ed = exported(generateKeyPairSync('ed25519'));
const x25519 = exported(generateKeyPairSync('x25519'));
const rsa = exported(generateKeyPairSync('rsa', { modulusLength: 2_048 }));
const rsaShort = exported(generateKeyPairSync('rsa', { modulusLength: 1_024 }));
const rsaCubic = exported(generateKeyPairSync('rsa', { modulusLength: 2_048, publicExponent: 3 }));
const ecPrivate = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });

const algorithmsOf = (...keys: readonly unknown[]): readonly (readonly string[])[] | undefined =>
  parseKeySet(JSON.stringify({ keys }))?.keys.map(({ algorithms }) => [...algorithms]);

describe('keys that are used', () => {
  it.each([
    ['P-256', ec, ['ES256']],
    ['P-384', ec384, ['ES384']],
    ['P-521', ec521, ['ES512']],
    ['Ed25519', ed, ['EdDSA', 'Ed25519']],
    ['Ed25519 by its new name', { ...ed, alg: 'Ed25519' }, ['EdDSA', 'Ed25519']],
    ['RSA', rsa, ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
    ['RSA for one algorithm', { ...rsa, alg: 'PS256' }, ['PS256']],
    [
      'RSA with a certificate, which is not read',
      { ...rsa, x5c: ['MIIB'], x5t: 'x' },
      ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
    ],
    ['for signatures', { ...ec, use: 'sig', key_ops: ['verify'] }, ['ES256']],
  ])('%s', (_what, jwk, algorithms) => {
    expect(algorithmsOf(jwk)).toEqual([algorithms]);
  });
});

describe('keys that are not used', () => {
  const offCurve = { ...ec, x: Buffer.alloc(32, 1).toString('base64url') };
  it.each<[string, unknown]>([
    ['a symmetric key', { kty: 'oct', k: 'AAAA' }],
    ['a symmetric key that says ES256', { kty: 'oct', k: 'AAAA', alg: 'ES256' }],
    ['a private key', ecPrivate],
    ['a public key with a private part', { ...rsa, d: 'AQAB' }],
    ['a public key with a symmetric part', { ...ec, k: 'AAAA' }],
    ['RSA of 1024 bits', rsaShort],
    ['RSA of 16384 bits', { ...rsa, n: Buffer.alloc(2_048, 0xff).toString('base64url') }],
    ['RSA with exponent 3', rsaCubic],
    ['RSA with exponent 1', { ...rsa, e: 'AQ' }],
    ['RSA of the flawed generator', { ...rsa, n: encode(rocaModulus()) }],
    ['RSA without a modulus', { kty: 'RSA', e: 'AQAB' }],
    ['RSA with a number as modulus', { ...rsa, n: 1 }],
    ['RSA with an empty modulus', { ...rsa, n: '' }],
    ['RSA of 8 bits', { ...rsa, n: 'ww' }],
    ['a point that is not on the curve', offCurve],
    ['a point of another curve', { ...ec384, crv: 'P-256' }],
    ['secp256k1', koblitz],
    ['X25519', x25519],
    ['Ed448', { kty: 'OKP', crv: 'Ed448', x: 'AAAA' }],
    ['Ed25519 of 31 bytes', { ...ed, x: Buffer.alloc(31, 1).toString('base64url') }],
    ['a key for encryption', { ...rsa, use: 'enc' }],
    ['a key for an encryption algorithm', { ...rsa, alg: 'RSA-OAEP' }],
    ['a key for HMAC', { ...rsa, alg: 'HS256' }],
    ['a curve that does not fit its algorithm', { ...ec, alg: 'ES384' }],
    ['a number as algorithm', { ...ec, alg: 256 }],
    ['a key for signing only', { ...ec, key_ops: ['sign'] }],
    ['a text as operations', { ...ec, key_ops: 'verify' }],
    ['an empty id', { ...ec, kid: '' }],
    ['a number as id', { ...ec, kid: 1 }],
    ['an id over 128 characters', { ...ec, kid: 'k'.repeat(129) }],
    ['no kind', { ...ec, kty: undefined }],
    ['a kind of another prototype', { ...ec, kty: '__proto__' }],
    ['null', null],
    ['a list', [ec]],
    ['a text', 'key'],
  ])('%s', (_what, jwk) => {
    const set = parseKeySet(JSON.stringify({ keys: [jwk, { ...ec, kid: 'good' }] }));
    expect(set?.keys.map(({ keyId }) => keyId)).toEqual(['good']);
    expect(set?.refusedKeys).toBe(1);
  });

  it('two under one id, even of different kinds', () => {
    const set = parseKeySet(
      JSON.stringify({
        keys: [
          { ...ec, kid: 'a' },
          { ...rsa, kid: 'a' },
          { ...ed, kid: 'b' },
        ],
      }),
    );
    expect(set?.keys.map(({ keyId }) => keyId)).toEqual(['b']);
    expect(set?.refusedKeys).toBe(2);
  });
});

describe('what is no key set', () => {
  it.each(['', 'null', '[]', '"keys"', '{}', '{"keys":null}', '{"keys":{}}', '{"keys":"x"}', '{"keys":[]', '<html>', '\u0000'])(
    '%j',
    (text) => {
      expect(parseKeySet(text)).toBeUndefined();
    },
  );

  it('more than 256 keys', () => {
    expect(parseKeySet(JSON.stringify({ keys: Array.from({ length: 257 }, () => ec) }))).toBeUndefined();
  });
});

describe('selectKey', () => {
  const set = parseKeySet(JSON.stringify({ keys: [{ ...ec, kid: 'a' }, { ...rsa, kid: 'b' }, { ...ed, kid: 'c' }, { ...ec384 }] }));

  it.each([
    ['ES256', 'a', true],
    ['ES256', undefined, true],
    ['PS256', 'b', true],
    ['Ed25519', 'c', true],
    ['ES384', undefined, true],
    ['ES384', 'a', false],
    ['RS256', 'a', false],
    ['ES256', 'b', false],
    ['ES256', 'A', false],
    ['HS256', 'b', false],
    ['none', 'a', false],
    ['ES256', '__proto__', false],
  ])('%s with kid %s: %s', (algorithm, keyId, isThere) => {
    expect(set && selectKey(set, algorithm, keyId) !== undefined).toBe(isThere);
  });
});

const smallPrimes = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139,
  149, 151, 157, 163, 167,
];

/** 2048 odd bits that are a power of 65537 modulo the product of the small primes, as the flawed generator makes them. */
function rocaModulus(): bigint {
  const product = smallPrimes.reduce((all, prime) => all * BigInt(prime), 1n);
  const power = 65_537n ** 5n % product;
  const high = BigInt(`0x${Buffer.concat([Buffer.from([0xc0]), randomBytes(255)]).toString('hex')}`);
  const modulus = high - (high % product) + power;
  return modulus % 2n === 1n ? modulus : modulus + product;
}

const encode = (value: bigint): string => Buffer.from(value.toString(16).padStart(512, '0'), 'hex').toString('base64url');

describe('isRocaModulus', () => {
  it('knows the pattern', () => {
    expect(Array.from({ length: 20 }, rocaModulus).every(isRocaModulus)).toBe(true);
  });

  it('does not see it in random numbers', () => {
    const found = Array.from({ length: 5_000 }, () => BigInt(`0x${randomBytes(256).toString('hex')}`) | 1n).filter(isRocaModulus);
    expect(found).toHaveLength(0);
  });
});
