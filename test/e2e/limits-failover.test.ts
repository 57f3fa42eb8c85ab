import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { RecordedRequest } from '../../src/cli/demo/provider-answer.ts';
import { openBooks, perClient, type Books } from '../support/books.ts';
import { openDoor, type Door } from '../support/door.ts';
import { modelOf, postChat, type ProviderName } from '../support/orders.ts';
import type { Behaviour } from '../support/provider-behaviour.ts';

const NAMES: readonly ProviderName[] = ['alpha', 'beta', 'gamma'];
const cap = 100;
/** USD per million tokens, so thousands of billionths of a dollar per token. */
const PRICES = { alpha: { input: 10, output: 20 }, beta: { input: 1, output: 2 }, gamma: { input: 3, output: 5 } } as const;

interface Bill {
  readonly tokens: number;
  readonly nanoUsd: number;
}

const status = (code: number): Behaviour => ({ kind: 'status', status: code, body: { error: { message: 'a provider trouble' } } });

/** What a target can do before the next one is asked. `refuses` is done to the provider as a whole. */
const ENDS = {
  'answers 500': status(500),
  'answers 502': status(502),
  'answers 504': status(504),
  'resets after the body': { kind: 'reset-after-body' },
  'resets at arrival': { kind: 'reset-at-arrival' },
  'is silent': { kind: 'hang-before-headers' },
  'answers 429': status(429),
  'answers 503': status(503),
  'answers 529': status(529),
  refuses: undefined,
  'answers without usage': { kind: 'status', status: 200, body: { id: 'x', object: 'chat.completion', choices: [] } },
} as const satisfies Record<string, Behaviour | undefined>;
type End = keyof typeof ENDS;

const mayBill: readonly End[] = ['answers 500', 'answers 502', 'answers 504', 'resets after the body', 'resets at arrival', 'is silent'];
const unbilled: readonly End[] = ['answers 429', 'answers 503', 'answers 529', 'refuses'];

const NOTHING: Bill = { tokens: 0, nanoUsd: 0 };
const sum = (bills: readonly Bill[]): Bill =>
  bills.reduce((left, right) => ({ tokens: left.tokens + right.tokens, nanoUsd: left.nanoUsd + right.nanoUsd }), NOTHING);

const billOf = (name: ProviderName, input: number, output: number): Bill => ({
  tokens: input + output,
  nanoUsd: 1_000 * (input * PRICES[name].input + output * PRICES[name].output),
});

const sentBody = z.object({ max_completion_tokens: z.number() });
const answerBody = z.object({ usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }) });

/** The ledger of a provider that bills whatever it has read, answered or not: a token for every two bytes, and all that it may say. */
const ledgerOf = (name: ProviderName, requests: readonly RecordedRequest[]): Bill =>
  sum(
    requests
      .filter(({ body }) => body.length > 0)
      .map(({ body }) => billOf(name, Math.ceil(body.length / 2), sentBody.parse(JSON.parse(body.toString())).max_completion_tokens)),
  );

/** Only where a target is silent must the others be quick. */
const modelFor = (order: readonly ProviderName[], ends: readonly End[]): string => modelOf(order, ends.includes('is silent'));

describe.each(['authz+proc', 'proc'] as const)('failover under limits, chain %s', (chain) => {
  let door: Door;
  let books: Books;
  let clients = 0;
  const mends: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    door = await openDoor({
      settings: (settings) => {
        settings.edge.chain = chain;
        const { alpha } = settings.providers;
        if (alpha !== undefined) {
          // Its server speaks no TLS, so the handshake fails.
          settings.providers['sealed'] = { ...alpha, url: alpha.url.replace('http:', 'https:') };
        }
        const output = { max: cap };
        const orders = [['alpha'], ['alpha', 'beta'], ['alpha', 'beta', 'gamma'], ['sealed', 'beta']];
        for (const order of orders) {
          const targets = order.map((provider) => ({ provider, model: `${provider}-large` }));
          settings.models[modelOf(order)] = { targets, output };
          // Long enough for a busy machine to answer in.
          settings.models[modelOf(order, true)] = { targets, output, firstByte: '1s' };
        }
        settings.models['alpha-twice'] = {
          targets: ['large', 'small'].map((size) => ({ provider: 'alpha', model: `alpha-${size}` })),
          output,
        };
        settings.policies['standard'] = {
          models: [...orders.flatMap((order) => [modelOf(order), modelOf(order, true)]), 'alpha-twice'],
          limits: { budget: '100 USD/day' },
        };
        settings.limits = { perClient: { requests: '1k/h', tokens: '1M/h' } };
        settings.prices = {
          providers: { ...Object.fromEntries(NAMES.map((name) => [name, { '*': PRICES[name] }])), sealed: { '*': PRICES.alpha } },
        };
      },
    });
    books = await openBooks(door);
  });
  const mend = async (): Promise<void> => {
    await Promise.all(mends.splice(0).map((each) => each()));
  };
  afterEach(mend);
  afterAll(async () => {
    await books[Symbol.asyncDispose]();
    await door[Symbol.asyncDispose]();
  });

  async function breakNext(name: ProviderName, end: End): Promise<void> {
    const provider = door.providers[name];
    const behaviour = ENDS[end];
    if (behaviour === undefined) {
      await provider.refuse();
      mends.push(() => provider.accept());
    } else {
      provider.behave(behaviour, { times: 1 });
      mends.push(() => Promise.resolve(provider.reset()));
    }
  }

  /** One exchange of a client of its own, of which the first targets end so. */
  async function exchange(order: readonly ProviderName[], ends: readonly End[], model = modelFor(order, ends)) {
    clients += 1;
    const client = `client-${String(clients)}`;
    const { key } = await door.createKey({ client });
    const before = new Map(NAMES.map((name) => [name, door.providers[name].requests.length]));
    for (const [index, end] of ends.entries()) {
      await breakNext(order[index] ?? 'alpha', end);
    }
    const answer = await postChat(door, key, model);
    const body: unknown = await answer.json();
    await mend();
    const charged = await books.settled(client);
    expect(await books.used(perClient('tokens', client))).toBe(charged.tokens);
    expect(await books.used(perClient('requests', client))).toBe(charged.requests);
    const arrived = (name: ProviderName): Bill => ledgerOf(name, door.providers[name].requests.slice(before.get(name)));
    const ledgers = { alpha: arrived('alpha'), beta: arrived('beta'), gamma: arrived('gamma') };
    const { usage } = answerBody.safeParse(body).data ?? {};
    return {
      status: answer.status,
      charged,
      /** What the target that answered says it bills. */
      answered: (name: ProviderName): Bill => billOf(name, usage?.prompt_tokens ?? 0, usage?.completion_tokens ?? 0),
      ledger: (name: ProviderName): Bill => ledgers[name],
    };
  }

  /** The most that these targets may bill for the same request: each is charged it where it answers without saying what it bills. */
  async function worstOf(order: readonly ProviderName[], names: readonly ProviderName[], model: string): Promise<Bill> {
    const bills: Bill[] = [];
    for (const name of names) {
      const earlier = order.slice(0, order.indexOf(name)).map((): End => 'answers 503');
      const { charged } = await exchange(order, [...earlier, 'answers without usage'], model);
      expect(charged.tokens).toBeGreaterThan(cap);
      bills.push({ tokens: charged.tokens, nanoUsd: charged.nanoUsd });
    }
    return sum(bills);
  }

  it.each(mayBill)('a first target that %s is charged all that it may bill', async (end) => {
    const { status: code, charged, answered, ledger } = await exchange(['alpha', 'beta'], [end]);
    expect(code).toBe(200);
    expect(charged).toEqual({
      requests: 1,
      ...sum([await worstOf(['alpha', 'beta'], ['alpha'], modelFor(['alpha', 'beta'], [end])), answered('beta')]),
    });
    const billed = sum([ledger('alpha'), answered('beta')]);
    expect(charged.tokens).toBeGreaterThanOrEqual(billed.tokens);
    expect(charged.nanoUsd).toBeGreaterThanOrEqual(billed.nanoUsd);
    // What was reset at its head was not read, and is charged all the same.
    expect(ledger('alpha').tokens > cap).toBe(end !== 'resets at arrival');
  });

  it.each(unbilled)('a first target that %s is not charged', async (end) => {
    const { status: code, charged, answered } = await exchange(['alpha', 'beta'], [end]);
    expect(code).toBe(200);
    expect(charged).toEqual({ requests: 1, ...answered('beta') });
  });

  it('a first target whose TLS handshake fails is not charged', async () => {
    const { status: code, charged, answered } = await exchange(['beta'], [], 'sealed-beta');
    expect(code).toBe(200);
    expect(charged).toEqual({ requests: 1, ...answered('beta') });
  });

  it.each([
    { ends: ['resets after the body', 'refuses'], charges: ['alpha'] },
    { ends: ['refuses', 'resets after the body'], charges: ['beta'] },
    { ends: ['answers 503', 'answers 502'], charges: ['beta'] },
    { ends: ['answers 502', 'answers 429'], charges: ['alpha'] },
    { ends: ['is silent', 'answers 504'], charges: ['alpha', 'beta'] },
    { ends: ['refuses', 'refuses'], charges: [] },
  ] as const)('of two targets before the one that answered ($ends) each is charged by its own end', async ({ ends, charges }) => {
    const { status: code, charged, answered } = await exchange(NAMES, ends);
    expect(code).toBe(200);
    expect(charged).toEqual({ requests: 1, ...sum([await worstOf(NAMES, charges, modelFor(NAMES, ends)), answered('gamma')]) });
  });

  it('tells two attempts at one provider apart', async () => {
    const { charged, answered } = await exchange(['alpha'], ['answers 500'], 'alpha-twice');
    const worst = await worstOf(['alpha'], ['alpha'], 'alpha-twice');
    expect(charged).toEqual({ requests: 1, ...sum([worst, answered('alpha')]) });
  });

  it.each([
    { ends: ['answers 503', 'refuses'], requests: 1, charges: [] },
    { ends: ['answers 500', 'refuses'], requests: 1, charges: ['alpha'] },
    { ends: ['refuses', 'answers 503'], requests: 1, charges: [] },
    { ends: ['answers 503', 'resets after the body'], requests: 1, charges: ['beta'] },
    { ends: ['answers 500', 'answers 502'], requests: 1, charges: ['alpha', 'beta'] },
    { ends: ['is silent', 'is silent'], requests: 1, charges: ['alpha', 'beta'] },
    { ends: ['refuses', 'refuses'], requests: 0, charges: [] },
  ] as const)('where every target fails ($ends) the request counts $requests, and $charges', async ({ ends, requests, charges }) => {
    const { status: code, charged } = await exchange(['alpha', 'beta'], ends);
    expect(code).toBeGreaterThanOrEqual(500);
    expect(charged).toEqual({ requests, ...(await worstOf(['alpha', 'beta'], charges, modelFor(['alpha', 'beta'], ends))) });
  });

  it('a connection that was tried twice at the only target is not charged', async () => {
    const { charged } = await exchange(['alpha'], ['refuses']);
    expect(charged).toEqual({ requests: 0, ...NOTHING });
  });
});
