import { describe, expect, it } from 'vitest';
import { judgeCertificate } from '../../../src/policy/mtls.ts';

const name = 'spiffe://example/ns/billing/sa/app';
const principals = new Map([
  [name, 'billing'],
  ['app.example', 'ledger'],
]);
const certificate = (principal: string | undefined) => ({ principal, sha256: 'x' });

describe('judgeCertificate', () => {
  it.each([
    [name, 'billing'],
    ['app.example', 'ledger'],
  ])('finds the client of %s', (principal, client) => {
    expect(judgeCertificate(certificate(principal), principals)).toEqual({ kind: 'next', found: { client } });
  });

  it.each([
    `${name}/`,
    `${name}2`,
    `${name} `,
    'spiffe://example/ns/billing/sa/APP',
    'SPIFFE://example/ns/billing/sa/app',
    'spiffe://example/ns/billing/sa/app?x=1',
    'spiffe://example/ns/billing/sa/%61pp',
    'spiffe://other/ns/billing/sa/app',
    'sub.app.example',
    'app.example.',
    '*.example',
    '',
    '__proto__',
  ])('refuses %j', (principal) => {
    expect(judgeCertificate(certificate(principal), principals)).toMatchObject({ kind: 'deny', denial: { code: 'credential_invalid' } });
  });

  it.each([
    ['no certificate', undefined, principals],
    ['no name', certificate(undefined), principals],
    ['no mapping at all', certificate(name), new Map<string, string>()],
  ])('says that there is no credential: %s', (_what, presented, map) => {
    expect(judgeCertificate(presented, map)).toMatchObject({ kind: 'deny', denial: { code: 'credential_missing' } });
  });
});
