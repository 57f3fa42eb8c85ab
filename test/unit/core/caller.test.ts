import { describe, expect, it } from 'vitest';
import { parseCaller, type Caller } from '../../../src/core/caller.ts';

const CALLER: Caller = {
  kind: 'jwt',
  key: undefined,
  client: 'app',
  user: 'u1',
  team: undefined,
  tier: 'gold',
  issuer: 'https://idp.example',
  jti: 't1',
  expiresAtMs: 5,
  address: '2001:db8::1',
};

describe('a caller in JSON', () => {
  it('is read back as it was written, absent members as undefined', () => {
    const read: unknown = JSON.parse(JSON.stringify(CALLER));
    expect(parseCaller(read)).toEqual(CALLER);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'app'],
    ['no kind', { ...CALLER, kind: undefined }],
    ['another kind', { ...CALLER, kind: 'root' }],
    ['no client', { ...CALLER, client: undefined }],
    ['a client that is no text', { ...CALLER, client: 7 }],
    ['a team that is no text', { ...CALLER, team: ['finance'] }],
    ['null for absent', { ...CALLER, user: null }],
    ['a time that is no number', { ...CALLER, expiresAtMs: '5' }],
    ['a time without end', { ...CALLER, expiresAtMs: Number.POSITIVE_INFINITY }],
  ])('is none where there is %s', (_, value) => {
    expect(parseCaller(value)).toBeUndefined();
  });
});
