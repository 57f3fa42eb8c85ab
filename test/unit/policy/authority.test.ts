import { describe, expect, it } from 'vitest';
import { judgeAuthority } from '../../../src/policy/authority.ts';

describe('judgeAuthority', () => {
  it.each([
    'localhost',
    'LOCALHOST:8443',
    'api.example.',
    'my_gateway:80',
    '10.0.0.1:443',
    '[::1]',
    '[2001:db8::1]:8443',
    'xn--bcher-kva.example',
  ])('takes %s', (authority) => {
    expect(judgeAuthority(authority).kind).toBe('next');
  });

  it.each([
    '',
    'a,b',
    'a, b',
    'a b',
    'admin@a',
    'a/v1/models',
    'a:80/#@b',
    'a?b',
    'a#b',
    String.raw`a\b`,
    'a:',
    'a:x',
    'a:123456',
    ':80',
    '[::1',
    '::1',
    '[]',
    'b\u00fccher.example',
    'a%2eb',
    'a\r\nb',
    'a\n',
    'a'.repeat(256),
  ])('refuses %j', (authority) => {
    expect(judgeAuthority(authority)).toMatchObject({ kind: 'deny', denial: { code: 'request_invalid' } });
  });
});
