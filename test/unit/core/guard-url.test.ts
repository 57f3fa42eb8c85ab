import { describe, expect, it } from 'vitest';
import { guardUrl } from '../../../src/core/guard-url.ts';

const nothing = { allowLoopback: false, allowPrivate: false };
const loopback = { allowLoopback: true, allowPrivate: false };
const everything = { allowLoopback: true, allowPrivate: true };

describe('guardUrl', () => {
  it.each([
    ['https://idp.example/jwks', nothing],
    ['https://idp.example:8443/jwks?tenant=a@b', nothing],
    ['https://8.8.8.8/jwks', nothing],
    ['https://[2001:4860:4860::8888]/jwks', nothing],
    ['http://127.0.0.1:8080/jwks', loopback],
    ['http://[::1]:8080/jwks', loopback],
    ['http://localhost:8080/jwks', loopback],
    ['http://10.0.0.1/jwks', everything],
    ['http://idp.internal/jwks', everything],
  ])('allows %s', (text, allowance) => {
    const guarded = guardUrl(text, allowance);
    expect(guarded).toMatchObject({ kind: 'allowed', url: new URL(text) });
  });

  it.each([
    'http://idp.example/jwks',
    'ftp://idp.example/jwks',
    'file:///etc/passwd',
    'data:application/json,{}',
    'idp.example/jwks',
    '//idp.example/jwks',
    '',
    'https://',
    'https://user:password@idp.example/jwks',
    'https://idp.example@127.0.0.1/jwks',
    'https:idp.example@evil.example/jwks',
    'https://idp.example/jwks#keys',
    'https://idp.example/jwks#',
    'https://idp.example\\@evil.example/',
    'https://idp.example/\njwks',
    ' https://idp.example/jwks',
    'https://10.0.0.1/jwks',
    'https://127.0.0.1/jwks',
    'https://127.1/jwks',
    'https://2130706433/jwks',
    'https://0x7f.0.0.1/jwks',
    'https://0177.0.0.1/jwks',
    'https://[::1]/jwks',
    'https://[::ffff:127.0.0.1]/jwks',
    'https://localhost/jwks',
    'https://localhost./jwks',
    'https://LOCALHOST/jwks',
    'https://idp.localhost/jwks',
    'https://0.0.0.0/jwks',
    `https://idp.example/${'a'.repeat(512)}`,
  ])('refuses %j', (text) => {
    expect(guardUrl(text, nothing).kind).toBe('refused');
  });

  it.each([
    'http://169.254.169.254/latest/meta-data',
    'https://169.254.169.254/jwks',
    'https://[fe80::1]/jwks',
    'https://[fd00:ec2::254]/jwks',
    'https://[::ffff:a9fe:a9fe]/jwks',
    'https://metadata.google.internal/jwks',
    'https://metadata.google.internal./jwks',
    'http://8.8.8.8/jwks',
  ])('refuses %j whatever is allowed', (text) => {
    expect(guardUrl(text, everything).kind).toBe('refused');
  });
});
