import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../../src/core/assert.ts';
import {
  composeVirtualKey,
  digestKey,
  isKeyEnvironment,
  isKeyId,
  looksLikeVirtualKey,
  parseVirtualKey,
} from '../../../src/policy/virtual-key.ts';

const zeros = (count: number): Uint8Array => new Uint8Array(count);

/** Computed apart from this code: Python's zlib.crc32 of the first 50 characters, in base62. */
const zeroKey = 'vk_live_0000000000000000000000000000000000000000001kHCex';

describe('parseVirtualKey', () => {
  it('reads environment and id of a key whose checksum holds', () => {
    expect(parseVirtualKey(zeroKey)).toEqual({ environment: 'live', id: '0000000000' });
  });

  it.each([
    ['nothing', ''],
    ['one wrong digit in the secret', zeroKey.replace('_0000000000', '_0000000001')],
    ['another environment', zeroKey.replace('live', 'test')],
    ['a wrong checksum', `${zeroKey.slice(0, -1)}1`],
    ['a cut key', zeroKey.slice(0, -1)],
    ['an appended digit', `${zeroKey}0`],
    ['an appended newline', `${zeroKey}\n`],
    ['a leading space', ` ${zeroKey}`],
    ['upper-case environment', zeroKey.replace('live', 'LIVE')],
    ['an environment of 13 characters', zeroKey.replace('live', 'abcdefghijklm')],
    ['no environment', zeroKey.replace('live', '')],
    ['another prefix', zeroKey.replace('vk_', 'sk_')],
    ['a stored digest', digestKey('pepper', zeroKey)],
    ['a stored digest as the secret', `vk_live_0000000000${digestKey('pepper', zeroKey)}`],
    ...["'", ';', '\0', '\n', '\r\n', '{', '}', '%', '_', '\u00e9', '\u0660', '\ud800'].map((text): [string, string] => [
      `the character ${JSON.stringify(text)}`,
      zeroKey.slice(0, 20) + text + zeroKey.slice(20 + text.length),
    ]),
    ['a megabyte of digits', `vk_live_${'0'.repeat(1_000_000)}`],
  ])('refuses %s', (_name, text) => {
    expect(parseVirtualKey(text)).toBeUndefined();
  });
});

describe('composeVirtualKey', () => {
  it('gives a key that parses to its own id', () => {
    const composed = composeVirtualKey('live', zeros);
    expect(composed).toEqual({ environment: 'live', id: '0000000000', key: zeroKey });
  });

  it.each(['', 'LIVE', 'abcdefghijklm', 'a_b', 'a b'])('refuses the environment %j', (environment) => {
    expect(() => composeVirtualKey(environment, zeros)).toThrow(InvariantError);
  });

  it('throws rather than run for ever on a source that never gives a usable byte', () => {
    expect(() => composeVirtualKey('live', (count) => new Uint8Array(count).fill(255))).toThrow(InvariantError);
  });

  it('draws every digit equally often from evenly spread bytes', () => {
    let value = 0;
    const everyByte = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => (value += 1) % 256);
    const counts = new Map<string, number>();
    for (let round = 0; round < 248; round += 1) {
      for (const digit of composeVirtualKey('live', everyByte).key.slice(8, -6)) {
        counts.set(digit, (counts.get(digit) ?? 0) + 1);
      }
    }
    expect(counts.size).toBe(62);
    expect(Math.max(...counts.values()) / Math.min(...counts.values())).toBeLessThan(1.2);
  });
});

describe('digestKey', () => {
  it('is the hex HMAC-SHA-256 of the whole key under the pepper', () => {
    const expected = createHmac('sha256', 'pepper').update(zeroKey).digest('hex');
    expect(digestKey('pepper', zeroKey)).toBe(expected);
    expect(digestKey('other', zeroKey)).not.toBe(expected);
  });
});

describe('the small tests', () => {
  it('tell a virtual key from a token by its prefix alone', () => {
    expect(looksLikeVirtualKey('vk_')).toBe(true);
    expect(looksLikeVirtualKey('eyJhbGciOi.x.y')).toBe(false);
    expect(looksLikeVirtualKey(' vk_live_')).toBe(false);
  });

  it('know ids and environments', () => {
    expect(isKeyId('0aZ0000000')).toBe(true);
    expect(isKeyId('0aZ000000')).toBe(false);
    expect(isKeyId('0aZ000000-')).toBe(false);
    expect(isKeyEnvironment('live')).toBe(true);
    expect(isKeyEnvironment('Live')).toBe(false);
  });
});
