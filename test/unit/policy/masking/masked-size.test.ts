import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { judgeMaskedSize } from '../../../../src/policy/masking/masked-size.ts';

it('refuses a body that has grown over the limit by a byte, and says why', () => {
  expect(judgeMaskedSize(Buffer.alloc(11), 10)).toMatchObject({
    kind: 'deny',
    denial: { code: 'body_too_large', publicHint: 'With placeholders in the place of personal data it is.' },
  });
  expect(judgeMaskedSize(Buffer.alloc(10), 10)).toEqual({ kind: 'next', found: null });
});
