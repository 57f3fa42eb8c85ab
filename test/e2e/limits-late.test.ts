import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, chatBody } from '../support/ask.ts';
import { openDoor, type Door } from '../support/door.ts';
import { healthPage, metric } from '../support/metrics.ts';
import { startRedis, type RedisServer } from '../support/redis.ts';
import { until } from '../support/wait.ts';

const limit = 3;

describe('a sidecar that starts while Redis is away, with a limit that lets requests through meanwhile', () => {
  let redis: RedisServer;
  let door: Door;
  let lenient: string;
  let strict: string;
  beforeAll(async () => {
    redis = await startRedis();
    await redis.kill();
    door = await openDoor({
      settings: (settings) => {
        settings.ledger = { url: redis.url };
        settings.models['large'] = { targets: [{ provider: 'alpha', model: 'alpha-large' }] };
        settings.policies['strict'] = { models: ['large'], limits: { requests: `${String(limit)}/h` } };
        settings.policies['lenient'] = { models: ['large'], limits: { requests: { limit: `${String(limit)}/h`, storeAway: 'allow' } } };
      },
    });
    ({ key: strict } = await door.createKey({ client: 'strict-app', policy: 'strict' }));
    ({ key: lenient } = await door.createKey({ client: 'lenient-app', policy: 'lenient' }));
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
    await redis.stop();
  });

  const statusWith = async (bearer: string): Promise<number> => (await ask(door, { bearer, body: chatBody() })).status;
  const statusesWith = async (bearer: string, count: number): Promise<readonly number[]> =>
    Promise.all(Array.from({ length: count }, () => statusWith(bearer)));

  it('is ready, says what is missing, and does what each limit says', async () => {
    for (const sidecar of door.sidecars) {
      expect((await healthPage(sidecar, '/readyz')).status).toBe(200);
      expect(sidecar.stdout()).toContain('the ledger is away');
    }
    await until(async () => (await metric(door.sidecars, 'sallyport_ledger_healthy')) === 0, {
      deadlineMs: 5_000,
      what: 'the metric to be measured',
    });
    expect(await statusesWith(lenient, limit + 2)).toEqual(Array.from({ length: limit + 2 }, () => 200));
    const before = door.arrived();
    expect(await ask(door, { bearer: strict, body: chatBody() })).toMatchObject({ status: 503, code: 'decision_unavailable' });
    expect(door.arrived()).toBe(before);
  });

  it('counts as soon as Redis is there: what was let through is not charged, and no limit is exceeded', async () => {
    await redis.restart();
    await until(async () => (await metric(door.sidecars, 'sallyport_ledger_healthy')) === 1, {
      deadlineMs: 30_000,
      what: 'the ledger to be found',
    });
    for (const key of [strict, lenient]) {
      const statuses = await statusesWith(key, limit + 2);
      expect(statuses.filter((status) => status === 200)).toHaveLength(limit);
      expect(statuses.filter((status) => status === 429)).toHaveLength(2);
    }
  });
});
