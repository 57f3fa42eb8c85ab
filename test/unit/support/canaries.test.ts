import { describe, expect, it } from 'vitest';
import { findCanaries, formsOf } from '../../support/canaries.ts';

const value = 'sk-canary-+/0123456789abcdefABCDEF';
const bytes = Buffer.from(value);

describe('findCanaries', () => {
  it.each([
    ['raw', value],
    ['inside something', `{"authorization":"Bearer ${value}"}`],
    ['in lower case', value.toLowerCase()],
    ['base64', bytes.toString('base64')],
    ['base64 of more', Buffer.from(`user:${value}`).toString('base64')],
    ['base64 of still more', Buffer.from(`user1:${value}:`).toString('base64')],
    ['base64 of even more', Buffer.from(`user22:${value}::`).toString('base64')],
    ['base64url', Buffer.from(`u:${value}`).toString('base64url')],
    ['hex', bytes.toString('hex')],
    ['upper-case hex', bytes.toString('hex').toUpperCase()],
    ['URL-encoded', encodeURIComponent(value)],
    ['its first half', value.slice(0, 17)],
    ['its second half', `...${value.slice(17)}`],
  ])('finds a secret %s', (_name, text) => {
    expect(findCanaries([{ name: 'key', value }], [{ name: 'log', bytes: Buffer.from(text) }])).not.toEqual([]);
  });

  it('finds none where there is none', () => {
    expect(findCanaries([{ name: 'key', value }], [{ name: 'log', bytes: 'sk-canary, Bearer, 0123456789abc' }])).toEqual([]);
  });

  it('looks for nothing so short that it could be there by chance', () => {
    expect([...formsOf('short').values()].every((form) => form.length >= 14)).toBe(true);
  });
});
