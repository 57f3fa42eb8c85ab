import { RateLimitError } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openDoor, type Door } from '../support/door.ts';
import { startRedis, type RedisServer } from '../support/redis.ts';
import { until } from '../support/wait.ts';

const ask = { model: 'large', messages: [{ role: 'user' as const, content: 'hello' }] };
const recoveryMs = 30_000;
/** What an operator is promised. */
const goOnMs = 2_000;

const figures = z.object({
  journals: z.array(z.object({ holds: z.number() })),
  missing: z.number(),
  whole: z.boolean(),
  limits: z.array(z.object({ limit: z.string(), of: z.number(), restored: z.number(), lostAtMost: z.number() })),
});

const limitOf = (client: string, kind: 'requests' | 'tokens'): string => `${kind}|3600000|client||${client}`;

const billed = (answers: readonly (number | undefined)[]): number => answers.reduce<number>((sum, tokens) => sum + (tokens ?? 0), 0);

describe('a ledger that was restarted empty', () => {
  let redis: RedisServer;
  let door: Door;

  beforeAll(async () => {
    redis = await startRedis();
    door = await openDoor({
      processes: 2,
      settings: (settings) => {
        settings.ledger = { url: redis.url };
        settings.models['large'] = { targets: [{ provider: 'alpha', model: 'alpha-large' }], output: { default: 50 } };
        settings.models['free'] = { targets: [{ provider: 'alpha', model: 'alpha-large' }], output: { default: 50 } };
        settings.limits = { perClient: { requests: '12/h', tokens: '100k/h' } };
      },
    });
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
    await redis.stop();
  });

  /** Tokens of each answer, as the provider says; undefined for a refusal. */
  const askAs = async (key: string, count: number): Promise<readonly (number | undefined)[]> => {
    const openai = door.openai(key);
    const once = async (): Promise<number | undefined> => {
      try {
        return (await openai.chat.completions.create(ask)).usage?.total_tokens;
      } catch (error) {
        // Until a journal has spoken nobody may be told that a limit is reached.
        expect(error).not.toBeInstanceOf(RateLimitError);
        return undefined;
      }
    };
    return Promise.all(Array.from({ length: count }, once));
  };
  const gauge = async (name: string): Promise<readonly number[]> =>
    Promise.all(
      door.sidecars.map(async (sidecar) => {
        const [, port = ''] = /"health":(\d+)/.exec(sidecar.stdout()) ?? [];
        const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
        return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
      }),
    );
  const loseMemory = async (): Promise<void> => {
    await redis.kill();
    await redis.restart();
    await until(async () => (await gauge('sallyport_ledger_lost')).every((value) => value === 1), {
      deadlineMs: recoveryMs,
      what: 'both processes to notice',
    });
  };

  it('I3, I7: admits nothing before the restore, and nothing that was spent is forgotten afterwards', async () => {
    const { key } = await door.createKey({ client: 'lost-app' });
    const answers = await askAs(key, 5);
    expect(answers).not.toContain(undefined);
    await loseMemory();
    const arrivedBefore = door.arrived();
    expect(await askAs(key, 10)).toEqual(Array.from({ length: 10 }));
    expect(door.arrived()).toBe(arrivedBefore);

    const run = await door.sallyport('usage', 'restore', '--json');
    expect(run).toMatchObject({ code: 0 });
    const restoredAtMs = performance.now();
    const printed = figures.parse(JSON.parse(run.stdout));
    expect(printed).toMatchObject({ missing: 0, journals: [{}, {}] });
    const tokens = printed.limits.find(({ limit }) => limit === limitOf('lost-app', 'tokens'));
    expect(tokens?.restored).toBe(billed(answers));
    expect(printed.limits.find(({ limit }) => limit === limitOf('lost-app', 'requests'))?.restored).toBe(5);

    await until(async () => (await askAs(key, 1))[0] !== undefined, { deadlineMs: recoveryMs, what: 'a request to be served again' });
    expect(performance.now() - restoredAtMs).toBeLessThan(goOnMs);
    await until(async () => (await gauge('sallyport_ledger_lost')).every((value) => value === 0), {
      deadlineMs: recoveryMs,
      what: 'both processes to go on',
    });
    // Five before, one just now: six are left of twelve.
    const more = await Promise.allSettled(Array.from({ length: 20 }, () => door.openai(key).chat.completions.create(ask)));
    expect(more.filter(({ status }) => status === 'fulfilled')).toHaveLength(6);
    expect(more.every((each) => each.status === 'fulfilled' || each.reason instanceof RateLimitError)).toBe(true);
  });

  it('I3: prints a figure that covers what the provider billed where a journal is missing, and goes on after `accept`', async () => {
    const { key } = await door.createKey({ client: 'missing-app' });
    const answers = await askAs(key, 8);
    await loseMemory();
    const refused = await door.sallyport('usage', 'restore', '--processes', '3', '--wait', '2');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/2 of 3 journals/);
    expect(await askAs(key, 3)).toEqual([undefined, undefined, undefined]);

    expect(await door.sallyport('usage', 'accept')).toMatchObject({ code: 2 });
    const run = await door.sallyport('usage', 'accept', '--reason', 'the third machine is gone', '--processes', '3', '--json');
    expect(run).toMatchObject({ code: 0 });
    const acceptedAtMs = performance.now();
    const printed = figures.parse(JSON.parse(run.stdout));
    expect(printed).toMatchObject({ missing: 1, whole: false });
    const tokens = printed.limits.find(({ limit }) => limit === limitOf('missing-app', 'tokens'));
    expect(tokens?.restored).toBe(billed(answers));
    expect((tokens?.restored ?? 0) + (tokens?.lostAtMost ?? 0)).toBe(100_000);
    await until(async () => (await askAs(key, 1))[0] !== undefined, { deadlineMs: recoveryMs, what: 'a request to be served again' });
    expect(performance.now() - acceptedAtMs).toBeLessThan(goOnMs);
    expect(await door.sallyport('usage', 'restore', '--wait', '1')).toMatchObject({ code: 1 });
  });
});
