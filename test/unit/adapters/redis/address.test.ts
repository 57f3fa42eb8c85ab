import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../../src/adapters/redis/address.ts';

describe('a URL of the Redis store', () => {
  const plain = { isTls: false, username: undefined };

  it.each([
    ['redis://cache', { ...plain, kind: 'standalone', endpoint: { host: 'cache', port: 6_379 }, database: 0 }],
    ['redis://cache:7000/3', { ...plain, kind: 'standalone', endpoint: { host: 'cache', port: 7_000 }, database: 3 }],
    ['redis://[::1]:7000', { ...plain, kind: 'standalone', endpoint: { host: '::1', port: 7_000 }, database: 0 }],
    [
      'rediss://app%40team@cache',
      { isTls: true, username: 'app@team', kind: 'standalone', endpoint: { host: 'cache', port: 6_379 }, database: 0 },
    ],
    [
      'redis-sentinel://one,two:27000/main',
      {
        ...plain,
        kind: 'sentinel',
        endpoints: [
          { host: 'one', port: 26_379 },
          { host: 'two', port: 27_000 },
        ],
        name: 'main',
      },
    ],
    [
      'rediss-cluster://one,[fe80::2]:7001',
      {
        isTls: true,
        username: undefined,
        kind: 'cluster',
        endpoints: [
          { host: 'one', port: 6_379 },
          { host: 'fe80::2', port: 7_001 },
        ],
      },
    ],
  ])('%s says where it is', (url, address) => {
    expect(parseAddress(url)).toEqual(address);
  });

  it.each([
    ['', 'has none of the forms'],
    ['cache:6379', 'has none of the forms'],
    ['http://cache', 'has none of the forms'],
    ['redis://', 'has none of the forms'],
    ['redis://one,two', 'has none of the forms'],
    ['redis://cache/limits', 'has none of the forms'],
    ['redis://cache/0/1', 'has none of the forms'],
    ['redis://cache?tls=true', 'has none of the forms'],
    ['redis://cache:0', 'is not host or host:port'],
    ['redis://cache:65536', 'is not host or host:port'],
    ['redis://::1', 'is not host or host:port'],
    ['redis-cluster://one,,two', 'is not host or host:port'],
    ['redis-cluster://one/0', 'remove what follows the hosts'],
    ['redis-sentinel://one,two', 'lacks the name'],
    ['redis-sentinel://one,two/', 'lacks the name'],
    ['redis://:hunter2@cache', 'holds a password'],
    ['rediss://app:hunter2@cache', 'holds a password'],
  ])('%j is refused, and says what it %s', (url, text) => {
    expect(() => parseAddress(url)).toThrow(text);
  });

  it.each(['redis://app:hunter2@cache', 'redis//app:hunter2@cache', 'redis://app:hunter2@cache:99999'])(
    'never shows what is in one that is refused: %s',
    (url) => {
      let shown = '';
      try {
        parseAddress(url);
      } catch (error) {
        shown = inspect(error, { depth: Infinity, showHidden: true });
      }
      expect(shown).toContain('the URL of the Redis store');
      expect(shown).not.toContain('hunter2');
    },
  );
});
