import { describe, expect, it } from 'vitest';
import type { Header, PeerCertificate, RequestView } from '../../../src/core/request.ts';
import { judgeCredential } from '../../../src/policy/credential.ts';

const key = 'vk_live_0123456789abcdefghijklmnopqrstuvwxyzABCDEF012345';
const token = 'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0.AAAA';
const mappedName = 'spiffe://example/ns/billing/sa/app';
const mapped: PeerCertificate = { principal: mappedName, sha256: 'mapped' };
const unmapped: PeerCertificate = { principal: 'spiffe://example/ns/mesh/sa/any', sha256: 'unmapped' };
const nameless: PeerCertificate = { principal: undefined, sha256: 'nameless' };

const isMapped = (principal: string): boolean => principal === mappedName;

const viewOf = (headers: readonly Header[], certificate?: PeerCertificate): RequestView => ({
  exchangeId: 'x',
  method: 'POST',
  path: '/v1/chat/completions',
  authority: 'door.example',
  headers: [{ name: 'content-type', value: 'application/json' }, ...headers],
  certificate,
});

const authorization = (value: string): Header => ({ name: 'authorization', value });
const judge = (headers: readonly Header[], certificate?: PeerCertificate) => judgeCredential(viewOf(headers, certificate), isMapped);

describe('a virtual key', () => {
  it.each([
    ['Authorization', authorization(`Bearer ${key}`)],
    ['Authorization in capitals', authorization(`BEARER ${key}`)],
    ['Authorization in small letters', authorization(`bearer ${key}`)],
    ['x-api-key', { name: 'x-api-key', value: key }],
    ['api-key', { name: 'api-key', value: key }],
  ])('is found in %s', (_where, header) => {
    const outcome = judge([header]);
    expect(outcome).toMatchObject({ kind: 'next', found: { kind: 'key' } });
    expect(outcome.kind === 'next' && outcome.found.kind === 'key' && outcome.found.text.reveal()).toBe(key);
  });

  it.each([
    ['no certificate', undefined],
    ['a certificate that is mapped to nobody', unmapped],
    ['a certificate without a name', nameless],
  ])('is one credential beside %s', (_what, certificate) => {
    expect(judge([authorization(`Bearer ${key}`)], certificate)).toMatchObject({ kind: 'next', found: { kind: 'key' } });
  });

  it.each(['authorization', 'x-api-key'])('is two credentials beside a mapped certificate (%s)', (name) => {
    const value = name === 'authorization' ? `Bearer ${key}` : key;
    expect(judge([{ name, value }], mapped)).toMatchObject({ kind: 'deny', denial: { code: 'credential_ambiguous' } });
  });
});

describe('a token', () => {
  it.each([
    [undefined, undefined],
    [unmapped, { sha256: 'unmapped', isIdentity: false }],
    [nameless, { sha256: 'nameless', isIdentity: false }],
    [mapped, { sha256: 'mapped', isIdentity: true }],
  ])('is handed on with the certificate %j', (certificate, presented) => {
    expect(judge([authorization(`Bearer ${token}`)], certificate)).toMatchObject({
      kind: 'next',
      found: { kind: 'jwt', certificate: presented },
    });
  });
});

describe('a certificate alone', () => {
  it.each([
    ['mapped', mapped],
    ['mapped to nobody, which the mapping refuses', unmapped],
  ])('is the credential: %s', (_what, certificate) => {
    expect(judge([], certificate)).toEqual({ kind: 'next', found: { kind: 'mtls', certificate } });
  });

  it('is none without a name', () => {
    expect(judge([], nameless)).toMatchObject({ kind: 'deny', denial: { code: 'credential_missing' } });
  });

  it.each(['', 'Bearer', 'Bearer ', 'Bearer null', 'Basic dTpw'])('does not stand in for a bad header: %j', (value) => {
    expect(judge([authorization(value)], mapped)).toMatchObject({ kind: 'deny' });
  });
});

describe('refused', () => {
  const longest = 'a'.repeat(8 * 1_024);
  const rows: readonly [string, readonly Header[], string][] = [
    ['nothing', [], 'credential_missing'],
    ['an empty header', [authorization('')], 'credential_missing'],
    ['an empty bearer', [authorization('Bearer')], 'credential_missing'],
    ['an empty bearer with its space', [authorization('Bearer ')], 'credential_missing'],
    ['an empty x-api-key', [{ name: 'x-api-key', value: '' }], 'credential_missing'],
    ...[
      'null',
      'undefined',
      'none',
      'anonymous',
      '[object Object]',
      '0',
      '*',
      'sk-1234',
      'sk-ant-api03-x',
      'vk',
      'vk-live',
      `x${key}`,
    ].flatMap((text): [string, readonly Header[], string][] => [
      [`Bearer ${text}`, [authorization(`Bearer ${text}`)], 'credential_invalid'],
      [`x-api-key ${text}`, [{ name: 'x-api-key', value: text }], 'credential_invalid'],
    ]),
    ['no scheme', [authorization(key)], 'credential_invalid'],
    ['two spaces', [authorization(`Bearer  ${key}`)], 'credential_invalid'],
    ['a tab', [authorization(`Bearer\t${key}`)], 'credential_invalid'],
    ['a space behind', [authorization(`Bearer ${key} `)], 'credential_invalid'],
    ['a space in front', [authorization(` Bearer ${key}`)], 'credential_invalid'],
    ['a colon', [authorization(`Bearer: ${key}`)], 'credential_invalid'],
    ['a parameter', [authorization(`Bearer ${key} realm=x`)], 'credential_invalid'],
    ['Basic', [authorization(`Basic ${key}`)], 'credential_invalid'],
    ['Token', [authorization(`Token ${key}`)], 'credential_invalid'],
    ['DPoP', [authorization(`DPoP ${token}`)], 'credential_invalid'],
    ['a NUL', [authorization(`Bearer ${key}\0`)], 'credential_invalid'],
    ['a line end', [authorization(`Bearer ${key}\r\nx: y`)], 'credential_invalid'],
    ['a letter that is not ASCII', [authorization(`Bearer ${key}\u00e4`)], 'credential_invalid'],
    ['a key with a space', [{ name: 'x-api-key', value: `vk_live_a b` }], 'credential_invalid'],
    ['a key with a NUL', [{ name: 'api-key', value: `vk_live_a\0` }], 'credential_invalid'],
    ['a bearer in x-api-key', [{ name: 'x-api-key', value: `Bearer ${key}` }], 'credential_invalid'],
    ['a token in x-api-key', [{ name: 'x-api-key', value: token }], 'credential_invalid'],
    ['a token in api-key', [{ name: 'api-key', value: token }], 'credential_invalid'],
    ['two parts', [authorization('Bearer eyJh.eyJh')], 'credential_invalid'],
    ['an empty signature', [authorization('Bearer eyJh.eyJh.')], 'credential_invalid'],
    ['five parts', [authorization('Bearer a.b.c.d.e')], 'credential_invalid'],
    ['over 8 KiB', [authorization(`Bearer a.${longest}.b`)], 'credential_invalid'],
    ['far over 8 KiB', [{ name: 'x-api-key', value: `vk_${longest}${longest}` }], 'credential_invalid'],
    ['x-goog-api-key', [{ name: 'x-goog-api-key', value: key }], 'credential_invalid'],
    ['proxy-authorization', [{ name: 'proxy-authorization', value: `Bearer ${key}` }], 'credential_invalid'],
    ['two headers', [authorization(`Bearer ${key}`), { name: 'x-api-key', value: key }], 'credential_ambiguous'],
    ['two headers, one empty', [authorization(`Bearer ${key}`), { name: 'api-key', value: '' }], 'credential_ambiguous'],
    ['two headers, one never accepted', [authorization(`Bearer ${key}`), { name: 'x-goog-api-key', value: 'x' }], 'credential_ambiguous'],
    ['a header twice', [authorization(`Bearer ${key}`), authorization(`Bearer ${key}`)], 'credential_ambiguous'],
    ['two keys, merged', [{ name: 'x-api-key', value: `${key}, ${key}` }], 'credential_ambiguous'],
    ['two bearers, merged', [authorization(`Bearer ${key},Bearer ${token}`)], 'credential_ambiguous'],
    ['a comma behind', [authorization(`Bearer ${key},`)], 'credential_ambiguous'],
  ];

  it.each(rows)('%s', (_what, headers, code) => {
    expect(judge(headers)).toMatchObject({ kind: 'deny', denial: { code } });
  });

  it('never says the credential', () => {
    for (const [, headers] of rows) {
      const outcome = JSON.stringify(judge(headers));
      expect(outcome).not.toContain('0123456789abcdef');
      expect(outcome).not.toContain('eyJh');
    }
  });
});
