import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseLook } from '../../../../src/adapters/redis/server.ts';

const runId = 'ab'.repeat(20);
const serverText = (version: string): string => `# Server\r\nredis_version:${version}\r\nrun_id:${runId}\r\n`;
const memoryText = (policy: string): string => `# Memory\r\nused_memory:1\r\nmaxmemory_policy:${policy}\r\n`;

const refusalOf = (answer: unknown): unknown => {
  try {
    return parseLook(answer);
  } catch (error) {
    return error;
  }
};

describe('what a Redis server says of itself', () => {
  it.each(['7.0.0', '7.2.4', '8.8.0', '10.1.0'])('is taken from version %s', (version) => {
    expect(parseLook(['name', 5, serverText(version), memoryText('noeviction')])).toEqual({ epoch: 'name', runId, nowMs: 5 });
  });

  it('has no epoch where there is none yet', () => {
    expect(parseLook(['', 5, serverText('7.0.0'), memoryText('noeviction')]).epoch).toBeUndefined();
  });

  it.each(['6.2.14', '5.0.3', '2.8', 'unstable', ''])('of version %j is refused, and says what is needed', (version) => {
    const error = refusalOf(['', 5, serverText(version), memoryText('noeviction')]);
    expect(error).toMatchObject({ name: 'StoreError', code: 'refused' });
    expect(inspect(error)).toContain('Redis 7.0 or newer');
  });

  it.each(['allkeys-lru', 'volatile-ttl', 'volatile-lru'])('is refused where it may drop counters: %s', (policy) => {
    const error = refusalOf(['', 5, serverText('7.0.0'), memoryText(policy)]);
    expect(error).toMatchObject({ name: 'StoreError', code: 'refused' });
    expect(inspect(error)).toContain('set "maxmemory-policy noeviction"');
  });

  it.each([
    ['nothing', null],
    ['a word', 'OK'],
    ['too little', ['name', 5, serverText('7.0.0')]],
    ['a time that is none', ['name', '5', serverText('7.0.0'), memoryText('noeviction')]],
    ['no run', ['name', 5, 'redis_version:7.0.0\r\n', memoryText('noeviction')]],
  ])('is no answer where it is %s', (_name, answer) => {
    expect(refusalOf(answer)).toMatchObject({ name: 'StoreError', code: 'bad_reply' });
  });

  it('is refused where it does not say what it drops', () => {
    expect(refusalOf(['', 5, serverText('7.0.0'), '# Memory\r\n'])).toMatchObject({ name: 'StoreError', code: 'refused' });
  });
});
