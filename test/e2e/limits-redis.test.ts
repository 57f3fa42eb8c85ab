import { APIError, RateLimitError } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRedisLedger, type RedisLedger } from '../../src/adapters/redis/ledger.ts';
import { booksOf, perClient, type Books } from '../support/books.ts';
import { openDoor, type Door } from '../support/door.ts';
import { startRedis, type RedisServer } from '../support/redis.ts';
import { until } from '../support/wait.ts';

const ask = { model: 'large', messages: [{ role: 'user' as const, content: 'hello' }] };

function statusOf(answer: PromiseSettledResult<unknown>): number {
  if (answer.status === 'fulfilled') {
    return 200;
  }
  const reason: unknown = answer.reason;
  return reason instanceof APIError && typeof reason.status === 'number' ? reason.status : 0;
}

describe('four processes and one Redis', () => {
  let redis: RedisServer;
  let door: Door;
  let ledger: RedisLedger;
  let books: Omit<Books, typeof Symbol.asyncDispose>;

  beforeAll(async () => {
    redis = await startRedis();
    door = await openDoor({
      processes: 4,
      settings: (settings) => {
        settings.ledger = { url: redis.url };
        settings.models['large'] = { targets: [{ provider: 'alpha', model: 'alpha-large' }], output: { default: 50 } };
        settings.limits = { perClient: { requests: '50/h', tokens: '1M/h' } };
      },
    });
    ledger = await openRedisLedger({ url: redis.url, domain: 'default', reserveWaitMs: 10_000, answerWaitMs: 10_000 });
    books = booksOf(ledger);
  });
  afterAll(async () => {
    await ledger.close();
    await door[Symbol.asyncDispose]();
    await redis.stop();
  });

  const askAs = async (client: string, count: number): Promise<readonly PromiseSettledResult<{ readonly tokens: number }>[]> => {
    const { key } = await door.createKey({ client });
    const openai = door.openai(key);
    const once = async (): Promise<{ readonly tokens: number }> => {
      const answer = await openai.chat.completions.create(ask);
      return { tokens: answer.usage?.total_tokens ?? 0 };
    };
    return Promise.allSettled(Array.from({ length: count }, once));
  };

  it('Q9: let through as many as the limit says, whichever process is asked', async () => {
    const arrivedBefore = door.arrived();
    const answers = [...(await askAs('shared-app', 300))];
    while (!answers.some((answer) => answer.status === 'rejected' && answer.reason instanceof RateLimitError)) {
      answers.push(...(await askAs('shared-app', 1)));
    }
    const billed = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.tokens] : []));
    expect(billed).toHaveLength(50);
    expect(door.arrived() - arrivedBefore).toBe(50);
    // What the provider says it billed is what the ledger has, to the token.
    expect(await books.settled('shared-app')).toMatchObject({ requests: 50, tokens: billed.reduce((sum, tokens) => sum + tokens, 0) });
  });

  it('Q14: say 503 and never 429 while Redis hangs, send nothing, and go on when it is back', async () => {
    await askAs('patient-app', 3);
    const arrivedBefore = door.arrived();
    redis.pause();
    const during = await askAs('patient-app', 20);
    expect(new Set(during.map(statusOf))).toEqual(new Set([503]));
    expect(door.arrived()).toBe(arrivedBefore);
    redis.resume();
    await until(async () => (await askAs('patient-app', 1)).every((answer) => answer.status === 'fulfilled'), {
      deadlineMs: 20_000,
      what: 'a request to be served again',
    });
    // Holds that were taken while nobody heard the answer are taken back: only what was served is charged.
    const { requests } = await books.settled('patient-app');
    expect(requests).toBe(3 + door.arrived() - arrivedBefore);
    expect(await books.used(perClient('requests', 'patient-app'))).toBe(requests);
  });

  it('I4: holds of a killed process run out within their lease and a second, charged in full', async () => {
    const { key } = await door.createKey({ client: 'left-app' });
    const undo = door.providers.alpha.behave({ kind: 'hang-mid-stream', afterChunks: 2 });
    const openai = door.openai(key);
    const streams = await Promise.all(Array.from({ length: 8 }, () => openai.chat.completions.create({ ...ask, stream: true })));
    const readings = Promise.allSettled(
      streams.map(async (stream) => {
        const pieces = stream[Symbol.asyncIterator]();
        while ((await pieces.next()).done !== true);
      }),
    );
    const held = await books.used(perClient('tokens', 'left-app'));
    expect(await ledger.openHolds()).toBe(8);
    await Promise.all(door.sidecars.map((sidecar) => sidecar.stop('SIGKILL')));
    const killedAtMs = Date.now();
    await readings;
    undo();
    await Promise.all(door.settings.listen.grpc.map((_, instance) => door.startSidecar(instance)));
    await until(async () => (await ledger.openHolds()) === 0, { deadlineMs: 60_000, what: 'the leases to run out' });
    // Renewed at most a moment before the kill.
    expect(Date.now() - killedAtMs).toBeLessThan(31_000 + 2_000);
    expect(await books.spentBy('left-app')).toMatchObject({ requests: 8, tokens: held });
  });
});
