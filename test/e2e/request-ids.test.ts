import { APIError as AnthropicError } from '@anthropic-ai/sdk';
import { APIError as OpenAIError } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failure, lineSince, ask, parseJson } from '../support/ask.ts';
import { openDoor, type Door } from '../support/door.ts';
import { until } from '../support/wait.ts';

const tooLarge = 'x'.repeat(1_024 * 1_024);
const messages = (content = 'hello'): { readonly role: 'user'; readonly content: string }[] => [{ role: 'user', content }];

/** What an error of the official client tells of its request. */
const idIn = (error: unknown): string => {
  if ((error instanceof OpenAIError || error instanceof AnthropicError) && typeof error.requestID === 'string') {
    return error.requestID;
  }
  throw new Error(`no id in ${String(error)}`);
};

describe.each(['authz+proc', 'proc'] as const)('the id that a client can quote, with %s', (chain) => {
  let door: Door;
  let key: string;
  beforeAll(async () => {
    door = await openDoor({
      settings: (settings) => {
        settings.edge.chain = chain;
        settings.edge.bodyMax = '1MiB';
      },
    });
    ({ key } = await door.createKey());
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
  });

  const chat = (bearer: string, model: string, content?: string): Promise<unknown> =>
    door.openai(bearer).chat.completions.create({ model, messages: messages(content) });
  const message = (bearer: string, model: string, content?: string): Promise<unknown> =>
    door.anthropic(bearer).messages.create({ model, max_tokens: 9, messages: messages(content) });

  describe.each([
    ['openai', chat, 'large'],
    ['anthropic', message, 'claude'],
  ] as const)('by the %s client', (_name, call, model) => {
    it.each([
      ['a key that is none', 'credential_invalid', 'sk-nobody', model],
      ['a model that is none', 'model_not_allowed', undefined, 'nothing'],
    ])('is in the refusal of %s, and in the log', async (_what, code, bearer, asked) => {
      const startedMs = Date.now();
      const { error } = await failure(door, call(bearer ?? key, asked));
      const line = await lineSince(door, startedMs);
      expect(line).toMatchObject({ code, exchange: idIn(error) });
    });

    it("is in Envoy's own refusal, which names the limit, and in its access log", async () => {
      const { error, arrived } = await failure(door, call(key, model, tooLarge));
      expect(arrived).toBe(0);
      expect(error).toMatchObject({ status: 413 });
      expect(String(error)).toContain('At most 1 MiB are taken.');
      const id = idIn(error);
      await until(() => door.envoy.accessLog().includes(`"exchange":"${id}"`), { deadlineMs: 10_000, what: 'the line of the access log' });
    });
  });

  it("is in the place of a provider's where its answer is not passed on, and nobody else's word for it", async () => {
    const forged = '00000000-0000-4000-8000-000000000000';
    door.providers.alpha.behave({ kind: 'status', status: 403, body: {}, headers: [['x-request-id', 'of-the-provider']] });
    const startedMs = Date.now();
    const answer = await ask(door, { bearer: key, headers: [['x-request-id', forged]] });
    door.providers.alpha.behave({ kind: 'plain' });
    const line = await lineSince(door, startedMs);
    expect(answer.status).toBe(502);
    expect(line['exchange']).not.toBe(forged);
    expect(answer.headers['x-request-id']).toBe(line['exchange']);
  });

  it("is the provider's own in an answer that is passed on, and ours where the sidecar answers by itself", async () => {
    const passed = await ask(door, { bearer: key });
    expect(passed.status).toBe(200);
    expect(passed.headers['x-request-id']).toMatch(/^req_local/);
    const startedMs = Date.now();
    const listed = await ask(door, { bearer: key, method: 'GET', path: '/v1/models', body: undefined });
    const line = await lineSince(door, startedMs);
    expect(parseJson(listed.text)).toMatchObject({ object: 'list' });
    expect(listed.headers['x-request-id']).toBe(line['exchange']);
  });
});
