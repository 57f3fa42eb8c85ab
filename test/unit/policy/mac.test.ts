import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openMac } from '../../../src/policy/mac.ts';

// RFC 4231 section 4.
const vectors: readonly [string, Buffer, string, string][] = [
  ['a short key', Buffer.alloc(20, 0x0b), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  [
    'a key shorter than the digest',
    Buffer.from('Jefe'),
    'what do ya want for nothing?',
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
  [
    'a key longer than a block',
    Buffer.alloc(131, 0xaa),
    'Test Using Larger Than Block-Size Key - Hash Key First',
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  ],
];

// Every length that decides about padding is around a multiple of the block; the last ones do not fit the memory that is kept.
const texts = [0, 1, 55, 56, 63, 64, 65, 4_095, 8_191, 8_192, 8_193, 20_000].map(
  (length) => 'ä'.repeat(length / 2) + 'x'.repeat(length % 2),
);

describe('openMac', () => {
  it.each(texts)('agrees with the library whatever was digested before (%#)', (text) => {
    for (const key of ['', 'a pepper', Buffer.alloc(64, 7), Buffer.alloc(65, 7)]) {
      const mac = openMac(key);
      for (const each of [text, 'short', '\ud800 alone', text]) {
        for (const encoding of ['hex', 'base64url'] as const) {
          expect(mac(each, encoding)).toBe(createHmac('sha256', key).update(each, 'utf8').digest(encoding));
        }
      }
    }
  });

  it.each(vectors)('gives the digest of RFC 4231 for %s', (_, key, text, expected) => {
    expect(openMac(key)(text, 'hex')).toBe(expected);
  });
});
