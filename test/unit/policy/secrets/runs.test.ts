import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { jwtDetector } from '../../../../src/policy/secrets/json-web-token.ts';
import { pemDetector, pgpDetector, puttyDetector } from '../../../../src/policy/secrets/private-key.ts';
import { longTokenDetectors } from '../../../../src/policy/secrets/long-token.ts';
import { findAll } from '../../../quality/find-spans.ts';
import { testTables } from './tables.ts';

const line = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKB';
const runs = [pemDetector, pgpDetector, puttyDetector, jwtDetector, ...longTokenDetectors];
const long = 'a8Fk2mZq9LxT4vB7nR1cW6yD3sH5jG0pQeUiAxLo/YtRw'.repeat(40);
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

testTables('private keys', runs, {
  hits: [
    `x\n‹-----BEGIN RSA PRIVATE KEY-----\n${line}\n${line}\n-----END RSA PRIVATE KEY-----›\ny`,
    `{"private_key":"‹-----BEGIN PRIVATE KEY-----\\n${line}\\n-----END PRIVATE KEY-----›\\n"}`,
    `key = "‹-----BEGIN EC PRIVATE KEY-----\\n" +\n      "${line}\\n" +\n      "-----END EC PRIVATE KEY-----›";`,
    `‹-----BEGIN OPENSSH PRIVATE KEY-----${line}-----END OPENSSH PRIVATE KEY-----›`,
    '‹-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A\n\nabc\n-----END RSA PRIVATE KEY-----›',
    // Cut off: up to the first sign that no key has.
    `‹-----BEGIN PRIVATE KEY-----\n${line}\nand then nothing›. More text`,
    `‹-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2.0.22\n\n${line}\n=abcd\n-----END PGP PRIVATE KEY BLOCK-----›!`,
    `‹PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPrivate-Lines: 1\n${line}\nPrivate-MAC: ${'0a'.repeat(32)}›\n`,
  ],
  misses: [
    'if (pem.startsWith("-----BEGIN PRIVATE KEY-----")) { return parse(pem); }',
    '-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----',
    '-----BEGIN PRIVATE KEY-----\n<your key>\n-----END PRIVATE KEY-----',
    `-----BEGIN CERTIFICATE-----\n${line}\n-----END CERTIFICATE-----`,
    `-----BEGIN PUBLIC KEY-----\n${line}\n-----END PUBLIC KEY-----`,
    `-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n${line}\n-----END PGP PUBLIC KEY BLOCK-----`,
    'PuTTY-User-Key-File- is how the file begins',
  ],
});

const claims = encode({ sub: '1', name: 'Ann' });
const signature = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

testTables('tokens of three parts', runs, {
  hits: [
    `Bearer ‹${encode({ alg: 'HS256', typ: 'JWT' })}.${claims}.${signature}›, right?`,
    `‹${encode({ typ: 'JWT', alg: 'none' })}.${claims}.›`,
    `"‹${encode({ kid: 'a'.repeat(400), alg: 'ES256' })}.${claims}.${signature}›"`,
    `‹${encode({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.a.b.c.${signature}›\n`,
    `(‹${encode({ strange: true, alg: 'HS256' })}.${claims}.${signature}›)`,
    '`‹IQoJb3JpZ2luX2VjEJr//////////wEaCXVzLWVhc3QtMSJIMEYCIQDv0Q7sM3k+ab/4=›`',
  ],
  misses: ['eyJ', 'eyJ0', 'heyJude.eyJohn', 'a.b.c', 'data:application/json;base64,eyJhIjoxfQ==', 'IQoJb3JpZ2lu', `ey.${claims}`],
});

testTables('tokens of no stated length', runs, {
  hits: [
    `key: ‹bedrock-api-key-${long}==›.`,
    `OP_SERVICE_ACCOUNT_TOKEN=‹ops_eyJ${long}›\n`,
    `Authorization: FlyV1 ‹fm2_${long}=›,`,
    `"‹fm1r_${long}›"`,
    `(‹ya29.a0${long.replaceAll('/', '_')}›)`,
    `(‹ya29.a0${long.slice(0, 40)}›)`,
  ],
  misses: ['bedrock-api-key-YmVkcm9jaw==', 'ops_eyJ is how they begin', 'fm2_transmitter', `ya29.${long.slice(0, 30)}`],
});

describe('runs', () => {
  it('cover keys as they are made, in PEM and in JSON', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    for (const text of [`see ${pem}`, JSON.stringify({ key: pem })]) {
      const [found] = findAll(runs, text);
      expect(text.slice(found?.start, found?.end)).toMatch(/^-----BEGIN[^]*-----END PRIVATE KEY-----$/);
    }
  });

  it('end at their cap where nothing ends them', () => {
    const text = `-----BEGIN PGP PRIVATE KEY BLOCK-----\n${'a'.repeat(50_000)}`;
    expect(findAll(runs, text)).toEqual([{ entity: 'secret', rule: 'pgp-private-key', start: 0, end: pgpDetector.lengthMax }]);
  });
});
