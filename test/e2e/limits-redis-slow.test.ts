import { APIError } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openRedisLedger, type RedisLedger } from '../../src/adapters/redis/ledger.ts';
import { booksOf, type Books } from '../support/books.ts';
import { openDoor, type Door } from '../support/door.ts';
import { metric } from '../support/metrics.ts';
import { startRedis, type RedisServer } from '../support/redis.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/wait.ts';

const ask = { model: 'large', messages: [{ role: 'user' as const, content: 'hello' }] };
const limit = 60;
const recoveryMs = 20_000;
/** Of a lease and a second. */
const leaseMsMax = 31_000;

interface Answer {
  readonly status: number;
  readonly code: string;
  /** As the provider bills them. */
  readonly tokens: number;
}

const billed = (answers: readonly Answer[]): { readonly requests: number; readonly tokens: number } => ({
  requests: answers.filter(({ status }) => status === 200).length,
  tokens: answers.reduce((sum, { tokens }) => sum + tokens, 0),
});

/** Redis answers later than a request may wait (50 ms), or nearly so. */
describe('a Redis that is slow', () => {
  let redis: RedisServer;
  let proxy: TcpProxy;
  let door: Door;
  let ledger: RedisLedger;
  let books: Omit<Books, typeof Symbol.asyncDispose>;

  beforeAll(async () => {
    redis = await startRedis();
    proxy = await startTcpProxy(redis.port);
    door = await openDoor({
      processes: 2,
      settings: (settings) => {
        // As it is where nothing is said: 50 ms for all stores.
        settings.edge.timeouts = {};
        settings.ledger = { url: `redis://127.0.0.1:${String(proxy.port)}` };
        settings.models['large'] = { targets: [{ provider: 'alpha', model: 'alpha-large' }], output: { default: 50 } };
        settings.policies['strict'] = { models: ['large'], limits: { requests: `${String(limit)}/h`, tokens: '1M/h', concurrent: 30 } };
        settings.policies['lenient'] = { models: ['large'], limits: { requests: { limit: '1000/h', storeAway: 'allow' } } };
      },
    });
    ledger = await openRedisLedger({ url: redis.url, domain: 'default', reserveWaitMs: 10_000, answerWaitMs: 10_000 });
    books = booksOf(ledger);
    // The server knows the scripts by then: one that it does not know is sent in two steps, and late ones do nothing.
    await askUntilPassed(await keyOf('first-app', 'strict'), 1);
    await books.settled('first-app');
  });
  beforeEach(() => {
    proxy.delay(0);
  });
  afterAll(async () => {
    await ledger.close();
    await door[Symbol.asyncDispose]();
    await proxy.stop();
    await redis.stop();
  });

  const askWith = async (key: string, count: number): Promise<readonly Answer[]> => {
    const openai = door.openai(key);
    const once = async (): Promise<Answer> => {
      try {
        const { usage } = await openai.chat.completions.create(ask);
        return { status: 200, code: '', tokens: usage?.total_tokens ?? 0 };
      } catch (error) {
        if (error instanceof APIError && typeof error.status === 'number') {
          return { status: error.status, code: String(error.code), tokens: 0 };
        }
        throw error;
      }
    };
    return Promise.all(Array.from({ length: count }, once));
  };
  /** A busy machine may take the deadline for itself: such a request is refused, and another one asked. */
  const askUntilPassed = async (key: string, count: number): Promise<readonly Answer[]> => {
    const answers: Answer[] = [];
    await until(
      async () => {
        answers.push(...(await askWith(key, 3)));
        return billed(answers).requests >= count;
      },
      { deadlineMs: recoveryMs, what: `${String(count)} requests to pass` },
    );
    return answers;
  };
  const gauge = (name: string): Promise<number> => metric(door.sidecars, name);
  const keyOf = async (client: string, policy: string): Promise<string> => (await door.createKey({ client, policy })).key;
  it.each([5, 30, 45])('lets requests through within its deadline, and charges exactly these: %i ms', async (delayMs) => {
    const client = `near-${String(delayMs)}-app`;
    const key = await keyOf(client, 'strict');
    const arrivedBefore = door.arrived();
    proxy.delay(delayMs);
    const answers = await askUntilPassed(key, 12);
    expect(answers.filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
    expect(door.arrived() - arrivedBefore).toBe(billed(answers).requests);
    expect(await books.settled(client)).toMatchObject(billed(answers));
  });

  describe.each([60, 150, 500])('%i ms late', (delayMs) => {
    it('says 503 and never 429 under a strict limit, sends nothing, and lets the late holds go', async () => {
      const client = `late-${String(delayMs)}-app`;
      const key = await keyOf(client, 'strict');
      const arrivedBefore = door.arrived();
      proxy.delay(delayMs);
      const answers = [...(await askWith(key, 10)), ...(await askWith(key, 2))];
      expect(answers).toEqual(answers.map(() => ({ status: 503, code: 'decision_unavailable', tokens: 0 })));
      expect(door.arrived()).toBe(arrivedBefore);
      // Still slow: what Redis granted all the same is given back, and nothing is charged for it.
      expect(await books.settled(client)).toMatchObject({ requests: 0, tokens: 0 });
    });

    it('lets requests through uncounted where the limit says so', async () => {
      const client = `lenient-${String(delayMs)}-app`;
      const key = await keyOf(client, 'lenient');
      proxy.delay(delayMs);
      const answers = await askUntilPassed(key, 5);
      expect(answers.filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
      expect(await books.settled(client)).toMatchObject({ requests: 0, tokens: 0 });
    });
  });

  it('exceeds no limit while it is now slow, now fast, and goes on with all that is left of it', { timeout: 120_000 }, async () => {
    const key = await keyOf('changing-app', 'strict');
    const arrivedBefore = door.arrived();
    const answers: Answer[] = [];
    for (const delayMs of [0, 60, 30, 500, 5, 100, 45, 150]) {
      proxy.delay(delayMs);
      answers.push(...(await askWith(key, 9)));
    }
    proxy.delay(0);
    const fastAtMs = Date.now();
    await until(async () => (await ledger.openHolds()) === 0, { deadlineMs: leaseMsMax, what: 'every hold to be resolved' });
    // Long before their leases run out: each was ended by a word of its own.
    expect(Date.now() - fastAtMs).toBeLessThan(recoveryMs);
    while (!answers.slice(-3).every(({ status }) => status === 429)) {
      answers.push(...(await askWith(key, 1)));
    }
    expect(answers.filter(({ status }) => ![200, 429, 503].includes(status))).toEqual([]);
    expect(answers.filter(({ status }) => status === 503).length).toBeGreaterThan(0);
    expect(billed(answers).requests).toBe(limit);
    expect(door.arrived() - arrivedBefore).toBe(limit);
    expect(await books.settled('changing-app')).toMatchObject(billed(answers));
    await until(async () => (await gauge('sallyport_resolutions_waiting')) + (await gauge('sallyport_holds_open')) === 0, {
      deadlineMs: recoveryMs,
      what: 'both processes to have nothing left to tell',
    });
  });
});
