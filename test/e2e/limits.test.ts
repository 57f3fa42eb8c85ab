import { RateLimitError, type OpenAI } from 'openai';
import { RateLimitError as AnthropicRateLimitError } from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBooks, perClient, type Books } from '../support/books.ts';
import { openDoor, type Door } from '../support/door.ts';
import { until } from '../support/wait.ts';

const isLimited = (answer: PromiseSettledResult<unknown> | undefined): boolean =>
  answer?.status === 'rejected' && answer.reason instanceof RateLimitError;

const ask = { messages: [{ role: 'user' as const, content: 'hello' }] };

describe('limits through Envoy', () => {
  let door: Door;
  let books: Books;
  beforeAll(async () => {
    door = await openDoor({
      processes: 2,
      settings: (settings) => {
        settings.models['large'] = {
          targets: [{ provider: 'alpha', model: 'alpha-large' }],
          output: { default: 100, max: 200, field: 'max_completion_tokens' },
        };
        settings.models['counted'] = { ...settings.models['large'], tokenizer: 'o200k_base' };
        settings.models['claude'] = { targets: [{ provider: 'claude', model: 'claude-model' }], output: { max: 50 } };
        settings.limits = { perClient: { requests: '20/h', tokens: '1M/h' } };
        settings.clients = {
          'budget-app': { policy: 'dear' },
          'tight-app': { policy: 'tight' },
          'single-app': { policy: 'single' },
          'prose-app': { policy: 'prose' },
        };
        settings.policies['dear'] = { models: ['large'], limits: { budget: '0.01 USD/day' } };
        settings.policies['tight'] = { models: ['large'], limits: { tokens: '300/h' } };
        settings.policies['standard']?.models.push('counted');
        settings.policies['prose'] = { models: ['large', 'counted'], limits: { tokens: '1200/h' } };
        settings.policies['single'] = { models: ['large'], limits: { concurrent: 1 } };
        settings.prices = { providers: { alpha: { 'alpha-large': { input: 10, output: 20 } } } };
      },
    });
    books = await openBooks(door);
  });
  afterAll(async () => {
    await books[Symbol.asyncDispose]();
    await door[Symbol.asyncDispose]();
  });

  it('Q1: of many requests at once exactly as many are let through as the limit says, by two processes', async () => {
    const { key } = await door.createKey({ client: 'many-app' });
    const client = door.openai(key);
    const arrivedBefore = door.arrived();
    const once = () => client.chat.completions.create({ model: 'large', ...ask });
    const answers = await Promise.allSettled(Array.from({ length: 200 }, once));
    // A busy machine may leave some undecided (503), which takes nothing: what they left is still to be had.
    for (let last = answers.at(-1); !isLimited(last); last = answers.at(-1)) {
      answers.push(...(await Promise.allSettled([once()])));
    }
    const billed = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.usage?.total_tokens ?? 0] : []));
    expect(billed).toHaveLength(20);
    expect(door.arrived() - arrivedBefore).toBe(20);
    expect(await books.used(perClient('requests', 'many-app'))).toBe(20);
    expect(await books.settled('many-app')).toMatchObject({ requests: 20, tokens: billed.reduce((sum, tokens) => sum + tokens, 0) });
  });

  it('a refusal says which limit it was and when to come back, in the shape of the API', async () => {
    const { key } = await door.createKey({ client: 'many-app' });
    const error: unknown = await door
      .openai(key)
      .chat.completions.create({ model: 'large', ...ask })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RateLimitError);
    if (error instanceof RateLimitError) {
      expect(error.code).toBe('limit_exceeded');
      expect(error.message).toContain('requests per 3600 s, level client');
      expect(Number(error.headers.get('retry-after'))).toBeGreaterThan(3_000);
      expect(error.headers.get('ratelimit-policy')).toBe('"requests-client";q=20;w=3600');
    }
    const claude: unknown = await door
      .anthropic(key)
      .messages.create({ model: 'claude', max_tokens: 10, ...ask })
      .catch((reason: unknown) => reason);
    expect(claude).toBeInstanceOf(AnthropicRateLimitError);
    expect(String(claude)).toContain('rate_limit_error');
  });

  it('Q6: a stream is charged as the same answer whole, and shows no usage that was not asked for', async () => {
    const [whole, streamed] = [await door.createKey({ client: 'whole-app' }), await door.createKey({ client: 'stream-app' })];
    await door.openai(whole.key).chat.completions.create({ model: 'large', ...ask });
    const stream = await door.openai(streamed.key).chat.completions.create({ model: 'large', ...ask, stream: true });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) {
      chunks.push(chunk);
    }
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('You said: hello');
    expect(chunks.filter((chunk) => chunk.choices.length === 0 || 'usage' in chunk)).toEqual([]);
    const { tokens } = await books.settled('whole-app');
    expect(tokens).toBeGreaterThan(0);
    expect(await books.settled('stream-app')).toMatchObject({ requests: 1, tokens });
    const [request] = door.providers.alpha.requests.slice(-1);
    expect(JSON.parse(request?.body.toString() ?? '')).toMatchObject({
      stream_options: { include_usage: true },
      max_completion_tokens: 100,
    });
  });

  it('a model that names its vocabulary holds tokens, where bytes would be more than the limit', async () => {
    const { key } = await door.createKey({ client: 'prose-app' });
    const content = 'A long text in plain English takes about four bytes for each of its tokens. '.repeat(25);
    const chat = (model: string) => door.openai(key).chat.completions.create({ model, messages: [{ role: 'user', content }] });
    await expect(chat('large')).rejects.toMatchObject({ status: 429, code: 'request_over_limit' });
    const { usage } = await chat('counted');
    expect(await books.settled('prose-app')).toMatchObject({ requests: 1, tokens: usage?.total_tokens });
  });

  it('a stream that asks for usage itself gets it', async () => {
    const { key } = await door.createKey({ client: 'asking-app' });
    const stream = await door
      .openai(key)
      .chat.completions.create({ model: 'large', ...ask, stream: true, stream_options: { include_usage: true } });
    const usages: (OpenAI.CompletionUsage | null | undefined)[] = [];
    for await (const chunk of stream) {
      usages.push(chunk.usage);
    }
    const { tokens } = await books.settled('asking-app');
    expect(usages.at(-1)?.total_tokens).toBe(tokens);
  });

  it('a cap above the model’s is lowered, and one below it stays', async () => {
    const { key } = await door.createKey({ client: 'cap-app' });
    const client = door.openai(key);
    for (const [asked, sent] of [
      [5_000, 200],
      [7, 7],
    ] as const) {
      await client.chat.completions.create({ model: 'large', ...ask, max_completion_tokens: asked });
      expect(JSON.parse(door.providers.alpha.requests.at(-1)?.body.toString() ?? '')).toMatchObject({ max_completion_tokens: sent });
    }
    await door.anthropic(key).messages.create({ model: 'claude', max_tokens: 1_000, ...ask });
    expect(JSON.parse(door.providers.claude.requests.at(-1)?.body.toString() ?? '')).toMatchObject({ max_tokens: 50 });
  });

  it('a budget is charged by the price of what was used, to the nano-dollar', async () => {
    const { key } = await door.createKey({ client: 'budget-app' });
    const answer = await door.openai(key).chat.completions.create({ model: 'large', ...ask });
    const { prompt_tokens: input = 0, completion_tokens: output = 0 } = answer.usage ?? {};
    expect(await books.settled('budget-app')).toMatchObject({
      requests: 1,
      tokens: input + output,
      nanoUsd: input * 10_000 + output * 20_000,
    });
  });

  it('a budget refuses what it could not pay for, and asks the client not to retry', async () => {
    const { key } = await door.createKey({ client: 'budget-app' });
    const arrivedBefore = door.arrived();
    const error: unknown = await door
      .openai(key)
      .chat.completions.create({ model: 'large', messages: [{ role: 'user', content: 'x'.repeat(2_000) }] })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ status: 429, code: 'request_over_limit' });
    expect(error instanceof RateLimitError && error.headers.get('x-should-retry')).toBe('false');
    expect(door.arrived()).toBe(arrivedBefore);
  });

  it('Q3: what has no known price is refused under a budget', async () => {
    const { key } = await door.createKey({ client: 'budget-app' });
    const asking = door.openai(key).chat.completions.create({ model: 'large', ...ask, max_completion_tokens: 5, service_tier: 'priority' });
    await expect(asking).rejects.toMatchObject({ status: 403, code: 'price_unknown' });
  });

  it('a request that its bytes do not bound is refused under a limit of tokens', async () => {
    const { key } = await door.createKey({ client: 'image-app' });
    const image = { type: 'image_url' as const, image_url: { url: 'https://example.com/a.png' } };
    const asking = door.openai(key).chat.completions.create({ model: 'large', messages: [{ role: 'user', content: [image] }] });
    await expect(asking).rejects.toMatchObject({ status: 400, code: 'input_unbounded' });
  });

  it('a refusal spends nothing: Q12', async () => {
    const { key } = await door.createKey({ client: 'tight-app' });
    const client = door.openai(key);
    for (let round = 0; round < 5; round += 1) {
      await expect(client.chat.completions.create({ model: 'large', ...ask, max_completion_tokens: 200 })).rejects.toMatchObject({
        code: 'request_over_limit',
      });
    }
    expect(await books.used(perClient('requests', 'tight-app'))).toBe(0);
    await client.chat.completions.create({ model: 'large', ...ask, max_completion_tokens: 5 });
    expect(await books.settled('tight-app')).toMatchObject({ requests: 1 });
  });

  it('a place in progress is free again when the stream is over, or its client left', async () => {
    const { key } = await door.createKey({ client: 'single-app' });
    const client = door.openai(key);
    const { promise: held, resolve: release } = Promise.withResolvers<undefined>();
    const undo = door.providers.alpha.behave({ kind: 'hang-mid-stream', afterChunks: 2, until: held });
    const stream = await client.chat.completions.create({ model: 'large', ...ask, stream: true });
    undo();
    await expect(client.chat.completions.create({ model: 'large', ...ask })).rejects.toMatchObject({ code: 'limit_exceeded' });
    stream.controller.abort();
    release(undefined);
    await until(async () => (await books.ledger.openHolds()) === 0, { deadlineMs: 10_000, what: 'the place to be free' });
    await client.chat.completions.create({ model: 'large', ...ask });
  });

  it('what a provider turns away is not charged, and what it failed with is, as far as it was held', async () => {
    const { key } = await door.createKey({ client: 'error-app' });
    const answerWith = async (status: number): Promise<void> => {
      const undo = door.providers.alpha.behave({ kind: 'status', status, body: { error: { message: 'no' } } });
      await expect(door.openai(key).chat.completions.create({ model: 'large', ...ask })).rejects.toMatchObject({ status });
      undo();
    };
    await answerWith(400);
    expect(await books.settled('error-app')).toMatchObject({ requests: 1, tokens: 0 });
    await answerWith(500);
    const { requests, tokens } = await books.settled('error-app');
    expect(requests).toBe(2);
    expect(tokens).toBeGreaterThan(100);
  });
});
