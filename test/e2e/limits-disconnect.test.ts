import type { OpenAI } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBooks, perClient, type Books } from '../support/books.ts';
import { openDoor, type Door } from '../support/door.ts';
import { until } from '../support/wait.ts';

const text = 'one two three four five six seven eight';
const chat: OpenAI.ChatCompletionCreateParamsStreaming = { model: 'large', messages: [{ role: 'user', content: text }], stream: true };

/** Chunks of the provider's plain stream, by what stands in them. */
type Point = 'nothing' | 'first delta' | 'before usage' | 'after usage' | 'done';

describe('a stream whose client leaves (Q7)', () => {
  let door: Door;
  let books: Books;
  /** How many chunks of the provider's stream have passed at a point. */
  const passed = new Map<Point, number>();
  let usage = 0;

  beforeAll(async () => {
    door = await openDoor({
      settings: (settings) => {
        settings.models['large'] = { targets: [{ provider: 'alpha', model: 'alpha-large' }], output: { default: 500 } };
        settings.limits = { perClient: { tokens: '1M/h' } };
        settings.clients = { 'observed-app': { policy: 'observed' } };
        settings.policies['observed'] = { models: ['large'], onDisconnect: 'observed' };
        settings.teams = { finance: { policy: 'standard' }, watching: { policy: 'observed' } };
      },
    });
    books = await openBooks(door);
    await measureStream();
  });
  afterAll(async () => {
    await books[Symbol.asyncDispose]();
    await door[Symbol.asyncDispose]();
  });

  /** Where the points lie in the plain stream, and what it costs. */
  async function measureStream(): Promise<void> {
    const { key } = await door.createKey({ client: 'plain-app' });
    const options = { ...chat, stream_options: { include_usage: true } };
    const stream = await door.openai(key).chat.completions.create(options);
    let chunks = 0;
    for await (const chunk of stream) {
      chunks += 1;
      usage = chunk.usage?.total_tokens ?? usage;
    }
    // Beside the chunks that the client sees there is [DONE].
    passed
      .set('nothing', 0)
      .set('first delta', 2)
      .set('before usage', chunks - 1)
      .set('after usage', chunks)
      .set('done', chunks + 1);
  }

  /** Leaves when the provider has sent so much, and says what was held, and what was charged. */
  async function leaveAt(point: Point, client: string, team: string): Promise<{ readonly held: number; readonly charged: number }> {
    const { key } = await door.createKey({ client, team });
    const counter = perClient('tokens', client);
    const before = await books.used(counter);
    const undo = door.providers.alpha.behave(
      point === 'done' ? { kind: 'hang-before-end' } : { kind: 'hang-mid-stream', afterChunks: passed.get(point) ?? 0 },
    );
    const leaving = new AbortController();
    const arrived = door.providers.alpha.requests.length;
    const reading = read(key, leaving.signal, point === 'nothing' ? 0 : 1);
    await until(() => door.providers.alpha.requests.length > arrived, { deadlineMs: 10_000, what: 'the request to arrive' });
    await Promise.race([reading.begun, reading.over]);
    const held = (await books.used(counter)) - before;
    leaving.abort();
    await reading.over;
    undo();
    await books.settled(client);
    return { held, charged: (await books.used(counter)) - before };
  }

  /** `begun` = so many chunks have come. */
  function read(
    key: string,
    signal: AbortSignal,
    chunksMin: number,
  ): { readonly begun: Promise<unknown>; readonly over: Promise<unknown> } {
    const { promise: begun, resolve } = Promise.withResolvers<undefined>();
    if (chunksMin === 0) {
      resolve(undefined);
    }
    const over = (async () => {
      try {
        let chunks = 0;
        const stream = await door.openai(key).chat.completions.create(chat, { signal });
        const pieces = stream[Symbol.asyncIterator]();
        while ((await pieces.next()).done !== true) {
          chunks += 1;
          if (chunks >= chunksMin) {
            resolve(undefined);
          }
        }
      } catch {
        // It left.
      }
    })();
    return { begun, over };
  }

  it.each<Point>(['nothing', 'first delta', 'before usage'])('with %s is charged what was held', async (point) => {
    const { held, charged } = await leaveAt(point, 'leaving-app', 'finance');
    expect(held).toBeGreaterThan(500);
    expect(charged).toBe(held);
  });

  it.each<Point>(['after usage', 'done'])('%s is charged the usage', async (point) => {
    expect(await leaveAt(point, 'late-app', 'finance')).toMatchObject({ charged: usage });
  });

  it('is charged what was seen where every policy says so, and that is less than was held and more than nothing', async () => {
    const early = await leaveAt('first delta', 'observed-app', 'watching');
    expect(early.charged).toBeLessThan(early.held / 2);
    expect(early.charged).toBeGreaterThan(10);
    const later = await leaveAt('before usage', 'observed-app', 'watching');
    expect(later.charged).toBeGreaterThan(early.charged);
    expect(await leaveAt('after usage', 'observed-app', 'watching')).toMatchObject({ charged: usage });
  });

  it('leaves no hold behind, however often (I4)', async () => {
    for (let round = 0; round < 20; round += 1) {
      await leaveAt('first delta', 'often-app', 'finance');
    }
    expect(await books.ledger.openHolds()).toBe(0);
  });
});
