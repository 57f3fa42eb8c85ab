import { once } from 'node:events';
import { connect } from 'node:http2';
import { text } from 'node:stream/consumers';
import { RateLimitError } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openBooks, perClient, type Books } from '../support/books.ts';
import { openDoor, type Door } from '../support/door.ts';
import { CHAT_TEXT, http2Headers, rawBytes, rawTarget } from '../support/raw-ask.ts';
import { openRaw } from '../support/raw-http.ts';
import { until } from '../support/wait.ts';

const ask = { model: 'large', messages: [{ role: 'user' as const, content: 'hello' }] };
const limit = 100;
const clients = 2_000;
const connections = 20;

describe('limits at their edges', () => {
  let door: Door;
  let books: Books;

  beforeAll(async () => {
    door = await openDoor({
      processes: 2,
      settings: (settings) => {
        // Two thousand decisions at once keep two cores busy for seconds.
        settings.edge.timeouts = { store: '1s', decision: '30s' };
        settings.models['large'] = { targets: [{ provider: 'alpha', model: 'alpha-large' }], output: { default: 50 } };
        settings.limits = { perClient: { requests: { limit: `${String(limit)}/h`, storeAway: 'allow' }, tokens: '1M/h' } };
        settings.clients = { 'budget-app': { policy: 'dear' } };
        settings.policies['dear'] = { models: ['large'], limits: { budget: '0.01 USD/day' } };
        settings.prices = { providers: { alpha: { '*': { input: 10, output: 100 } } } };
      },
    });
    books = await openBooks(door);
  });
  afterAll(async () => {
    await books[Symbol.asyncDispose]();
    await door[Symbol.asyncDispose]();
  });

  /** So many requests at the same moment, over twenty connections. */
  async function askAtOnce(key: string, count: number): Promise<readonly { readonly status: number; readonly tokens: number }[]> {
    const sessions = Array.from({ length: Math.min(count, connections) }, () =>
      connect(`https://localhost:${String(door.port)}`, { ca: door.certificates.ca.cert }),
    );
    const answers = Array.from({ length: count }, async (_, index) => {
      const session = sessions[index % sessions.length];
      const stream = session?.request(http2Headers(key));
      if (stream === undefined) {
        throw new Error('no connection');
      }
      stream.end(CHAT_TEXT);
      const [head, body] = await Promise.all([once(stream, 'response'), text(stream)]);
      const { status } = z
        .object({ ':status': z.number() })
        .transform((headers) => ({ status: headers[':status'] }))
        .parse(head[0]);
      const usage = z.looseObject({ usage: z.looseObject({ total_tokens: z.number() }).optional() }).parse(JSON.parse(body)).usage;
      return { status, tokens: usage?.total_tokens ?? 0 };
    });
    try {
      return await Promise.all(answers);
    } finally {
      for (const session of sessions) {
        session.destroy();
      }
    }
  }

  it(`Q1, I3: of ${String(clients)} requests at once exactly ${String(limit)} reach the provider`, { timeout: 120_000 }, async () => {
    const { key } = await door.createKey({ client: 'crowd-app' });
    const arrivedBefore = door.arrived();
    const answers = [...(await askAtOnce(key, clients))];
    // Two cores serve all of this: what was left undecided took nothing, and is still to be had.
    while (!answers.slice(-5).every(({ status }) => status === 429)) {
      answers.push(...(await askAtOnce(key, 1)));
    }
    expect(answers.filter(({ status }) => ![200, 429, 503].includes(status))).toEqual([]);
    const billed = answers.flatMap(({ status, tokens }) => (status === 200 ? [tokens] : []));
    expect(billed).toHaveLength(limit);
    expect(door.arrived() - arrivedBefore).toBe(limit);
    expect(await books.settled('crowd-app')).toMatchObject({ requests: limit, tokens: billed.reduce((sum, tokens) => sum + tokens, 0) });
  });

  it('Q13: what is over a limit stays over it while the store is healthy, whatever may happen when it is away', async () => {
    const { key } = await door.createKey({ client: 'crowd-app' });
    for (let round = 0; round < 20; round += 1) {
      await expect(door.openai(key).chat.completions.create(ask)).rejects.toMatchObject({ status: 429, code: 'limit_exceeded' });
    }
    expect(await books.used(perClient('requests', 'crowd-app'))).toBe(limit);
  });

  it('Q5: a budget that requests in progress hold is free again when they are over, and the refusal says to come back soon', async () => {
    const { key } = await door.createKey({ client: 'budget-app' });
    const openai = door.openai(key);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const undo = door.providers.alpha.behave({ kind: 'hang-before-headers', until: promise });
    const running = openai.chat.completions.create(ask);
    await until(async () => (await books.ledger.openHolds()) > 0, { deadlineMs: 10_000, what: 'the hold' });
    const refusal: unknown = await openai.chat.completions.create(ask).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ status: 429, code: 'limit_exceeded' });
    expect(String(refusal)).toContain('held by requests in progress');
    expect(refusal instanceof RateLimitError && refusal.headers.get('retry-after')).toBe('1');
    resolve(undefined);
    await running;
    undo();
    await until(async () => (await books.ledger.openHolds()) === 0, { deadlineMs: 10_000, what: 'the end of the hold' });
    await openai.chat.completions.create(ask);
  });

  it('Q18: an answer whose client has closed its side is charged as what it is, and its hold is resolved', async () => {
    const { key } = await door.createKey({ client: 'half-app' });
    using connection = await openRaw(rawTarget(door));
    const arrivedBefore = door.arrived();
    const gate = Promise.withResolvers<undefined>();
    const undo = door.providers.alpha.behave({ kind: 'hang-after-headers', until: gate.promise });
    await connection.send(rawBytes({ key }));
    await until(async () => (await books.used(perClient('tokens', 'half-app'))) > 0, { deadlineMs: 10_000, what: 'the hold' });
    const held = await books.used(perClient('tokens', 'half-app'));
    await until(() => door.arrived() > arrivedBefore, { deadlineMs: 10_000, what: 'the request to arrive' });
    connection.end();
    gate.resolve(undefined);
    await connection.closed();
    undo();
    const { requests, tokens } = await books.settled('half-app');
    expect(requests).toBe(1);
    // Whole or cut short: its usage, or all that was held; never nothing.
    expect(tokens).toBeGreaterThan(0);
    expect(tokens).toBeLessThanOrEqual(held);
  });
});
