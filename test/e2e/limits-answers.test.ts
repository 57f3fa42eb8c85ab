import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBooks, perClient, type Books } from '../support/books.ts';
import { openDoor, type Door } from '../support/door.ts';
import type { Behaviour } from '../support/provider-behaviour.ts';
import { until } from '../support/wait.ts';

const ask = { model: 'large', messages: [{ role: 'user' as const, content: 'hello' }] };

const answer = (usage: unknown): Behaviour => ({
  kind: 'status',
  status: 200,
  body: { id: 'x', object: 'chat.completion', model: 'alpha-large', choices: [], ...(usage === undefined ? {} : { usage }) },
});

describe('what an answer is charged', () => {
  let door: Door;
  let books: Books;
  let clients = 0;

  beforeAll(async () => {
    door = await openDoor({
      settings: (settings) => {
        // The other files of limits run on the default chain.
        settings.edge.chain = 'proc';
        settings.models['large'] = { targets: [{ provider: 'alpha', model: 'alpha-large' }], output: { default: 100 }, firstByte: '5s' };
        settings.models['spare'] = {
          targets: [
            { provider: 'alpha', model: 'alpha-large' },
            { provider: 'beta', model: 'beta-large' },
          ],
          output: { default: 100 },
          firstByte: '400ms',
        };
        settings.limits = { perClient: { requests: '1k/h', tokens: '1M/h' } };
      },
    });
    books = await openBooks(door);
  });
  afterAll(async () => {
    await books[Symbol.asyncDispose]();
    await door[Symbol.asyncDispose]();
  });

  /** One exchange of a client of its own: what the client got, what was held meanwhile, what was charged. */
  async function exchange(behaviour: Behaviour, model = 'large') {
    clients += 1;
    const client = `client-${String(clients)}`;
    const { key } = await door.createKey({ client });
    const undo = door.providers.alpha.behave(behaviour);
    const asking = door.openai(key).chat.completions.create({ ...ask, model });
    const outcome = asking.then(
      ({ usage }) => ({ status: 200, billed: usage?.total_tokens }),
      (error: unknown) => ({
        status: typeof error === 'object' && error !== null && 'status' in error ? error.status : 0,
        billed: undefined,
      }),
    );
    const { status, billed } = await outcome;
    undo();
    const charged = await books.settled(client);
    expect(charged).toMatchObject({ requests: await books.used(perClient('requests', client)) });
    return { status, billed, charged };
  }

  /** What a request of this kind holds: a place is held while its provider hangs. */
  async function heldFor(model: string): Promise<number> {
    clients += 1;
    const client = `held-${String(clients)}`;
    const { key } = await door.createKey({ client });
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const undo = [door.providers.alpha, door.providers.beta].map((provider) =>
      provider.behave({ kind: 'hang-before-headers', until: promise }),
    );
    const asking = door
      .openai(key)
      .chat.completions.create({ ...ask, model })
      .catch(() => undefined);
    await until(async () => (await books.ledger.openHolds()) > 0, { deadlineMs: 10_000, what: 'the hold' });
    const held = await books.used(perClient('tokens', client));
    resolve(undefined);
    await asking;
    for (const each of undo) {
      each();
    }
    await books.settled(client);
    return held;
  }

  it('is what it says', async () => {
    const { status, billed, charged } = await exchange({ kind: 'plain' });
    expect(status).toBe(200);
    expect(charged).toMatchObject({ requests: 1, tokens: billed });
  });

  it.each([
    ['no usage', undefined],
    ['null', null],
    ['a list', []],
    ['nothing in it', {}],
    ['negative figures', { prompt_tokens: -5, completion_tokens: 1, total_tokens: -4 }],
    ['a figure as text', { prompt_tokens: '3', completion_tokens: 1, total_tokens: 4 }],
    ['a fraction', { prompt_tokens: 1.5, completion_tokens: 1, total_tokens: 2.5 }],
    ['a figure beyond all integers', { prompt_tokens: 1e308, completion_tokens: 1, total_tokens: 1e308 }],
  ])('is what was held where it has %s', async (_name, usage) => {
    const held = await heldFor('large');
    const { status, charged } = await exchange(answer(usage));
    expect([status, charged.requests, charged.tokens]).toEqual([200, 1, held]);
  });

  it('is more than was held where the provider says so', async () => {
    const held = await heldFor('large');
    const { charged } = await exchange(answer({ prompt_tokens: held, completion_tokens: 7, total_tokens: held + 7 }));
    expect(charged.tokens).toBe(held + 7);
  });

  it('is the total where that is larger than its parts', async () => {
    const { charged } = await exchange(answer({ prompt_tokens: 2, completion_tokens: 3, total_tokens: 50 }));
    expect(charged.tokens).toBe(50);
  });

  it.each([500, 502, 504])('is what was held where the provider may have worked before it failed: %i', async (status) => {
    const held = await heldFor('large');
    const { charged } = await exchange({ kind: 'status', status, body: { error: { message: 'no' } } });
    expect(charged).toMatchObject({ requests: 1, tokens: held });
  });

  it.each([400, 401, 403, 429, 503, 529])('is nothing but the request where the provider turned it away: %i', async (status) => {
    const { charged } = await exchange({ kind: 'status', status, body: { error: { message: 'no' } } });
    expect(charged).toEqual({ requests: 1, tokens: 0, nanoUsd: 0 });
  });

  it('is what was held where the connection broke while the provider was at it', async () => {
    const held = await heldFor('large');
    const { status, charged } = await exchange({ kind: 'close-mid-stream', afterChunks: 1, how: 'reset' });
    expect(status).not.toBe(503);
    expect(charged).toMatchObject({ requests: 1, tokens: held });
  });

  it('is nothing at all, not even the request, where no provider could be reached', async () => {
    await door.providers.alpha.refuse();
    const { status, charged } = await exchange({ kind: 'plain' });
    await door.providers.alpha.accept();
    expect([status, charged]).toEqual([503, { requests: 0, tokens: 0, nanoUsd: 0 }]);
  });

  it('Q8: of the second target is its own usage, where the first one failed at once', async () => {
    const { status, billed, charged } = await exchange({ kind: 'status', status: 503 }, 'spare');
    expect(status).toBe(200);
    expect(charged).toMatchObject({ requests: 1, tokens: billed });
  });

  it('Q8: of the second target is its own usage and what the first held, where that was silent', async () => {
    const held = await heldFor('spare');
    const { status, billed = 0, charged } = await exchange({ kind: 'hang-before-headers' }, 'spare');
    expect(status).toBe(200);
    expect(charged).toMatchObject({ requests: 1, tokens: billed + held / 2 });
  });
});
