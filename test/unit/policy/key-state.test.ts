import { describe, expect, it } from 'vitest';
import { judgeKey, judgeKeyState, type KeyState } from '../../../src/policy/key-state.ts';

const first = 'a'.repeat(64);
const second = 'b'.repeat(64);
const zero = '0'.repeat(64);
const active: KeyState = { digests: [first, second], expiresAtMs: 1_000, revokedAtMs: undefined };

describe('judgeKey', () => {
  it.each([
    ['the first secret', active, first],
    ['the second secret of a rotation', active, second],
    ['a key that never expires', { ...active, expiresAtMs: undefined }, first],
  ])('accepts %s', (_name, record, digest) => {
    expect(judgeKey(record, digest, 999)).toEqual({ kind: 'next', found: record });
  });

  it.each([
    ['an unknown id', undefined, first, 0, 'credential_invalid'],
    ['an unknown id with the digest that stands in for a missing one', undefined, zero, 0, 'credential_invalid'],
    ['a wrong secret', active, 'c'.repeat(64), 0, 'credential_invalid'],
    ['a shorter digest', active, first.slice(1), 0, 'credential_invalid'],
    ['an empty digest', active, '', 0, 'credential_invalid'],
    ['a record without digests', { ...active, digests: [] }, first, 0, 'credential_invalid'],
    ['a record without digests, empty digest', { ...active, digests: [] }, '', 0, 'credential_invalid'],
    ['the very moment of expiry', active, first, 1_000, 'credential_expired'],
    ['a revoked key', { ...active, revokedAtMs: 5 }, first, 0, 'credential_revoked'],
    ['a key revoked in the future of this clock', { ...active, revokedAtMs: 5_000 }, first, 0, 'credential_revoked'],
    ['a revoked and expired key', { ...active, revokedAtMs: 5 }, first, 2_000, 'credential_revoked'],
    ['a revoked key to whoever does not hold it', { ...active, revokedAtMs: 5 }, zero, 0, 'credential_invalid'],
    ['an expired key to whoever does not hold it', active, zero, 2_000, 'credential_invalid'],
  ])('refuses %s', (_name, record, digest, nowMs, code) => {
    expect(judgeKey(record, digest, nowMs)).toMatchObject({ kind: 'deny', denial: { code } });
  });
});

describe('judgeKeyState', () => {
  it('passes a key that is still good, without asking for it again', () => {
    expect(judgeKeyState(active, 999)).toEqual({ kind: 'next', found: active });
  });

  it.each([
    ['gone', undefined, 0, 'credential_invalid'],
    ['revoked meanwhile', { ...active, revokedAtMs: 5 }, 10, 'credential_revoked'],
    ['expired meanwhile', active, 1_000, 'credential_expired'],
  ])('refuses one that is %s', (_name, record, nowMs, code) => {
    expect(judgeKeyState(record, nowMs)).toMatchObject({ kind: 'deny', denial: { code } });
  });
});
