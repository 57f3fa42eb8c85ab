import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordedRequest } from '../../src/cli/demo/provider-answer.ts';
import { ask, failure, gather, messageBody, observe, parseJson } from '../support/ask.ts';
import { openDoor, PROVIDER_KEYS, type Door } from '../support/door.ts';

const tools: Anthropic.Tool[] = [{ name: 'get_weather', input_schema: { type: 'object', properties: { said: { type: 'string' } } } }];
const user = (content: string): Anthropic.MessageParam[] => [{ role: 'user', content }];
const version: readonly [string, string] = ['anthropic-version', '2023-06-01'];

describe('the unchanged Anthropic client', () => {
  let door: Door;
  let key: string;
  let client: Anthropic;
  beforeAll(async () => {
    door = await openDoor();
    ({ key } = await door.createKey());
    client = door.anthropic(key);
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
  });

  /** The last request at the provider: its own key in its own header, and no other credential. */
  const atProvider = (path: string): RecordedRequest => {
    const request = door.providers.claude.requests.at(-1);
    if (request === undefined) {
      throw new Error('nothing reached the provider');
    }
    expect(request.path).toBe(path);
    const credentials = request.headers.filter(([name]) => ['authorization', 'x-api-key', 'api-key'].includes(name.toLowerCase()));
    expect(credentials).toEqual([['x-api-key', PROVIDER_KEYS.claude]]);
    expect(JSON.stringify([request.headers, request.body.toString()])).not.toContain(key);
    expect(parseJson(request.body.toString())).toMatchObject({ model: 'claude-model' });
    return request;
  };

  const create = (model: string, changes: object = {}): Promise<unknown> =>
    client.messages.create({ model, max_tokens: 64, messages: user('hello'), ...changes });

  it('gets a message', async () => {
    const answer = await client.messages.create({ model: 'claude', max_tokens: 64, messages: user('hello') });
    expect(answer.content).toMatchObject([{ type: 'text', text: 'You said: hello' }]);
    expect(answer.usage.output_tokens).toBeGreaterThan(0);
    atProvider('/v1/messages');
  });

  it('gets a stream', async () => {
    const events = await gather(
      await client.messages.create({ model: 'claude', max_tokens: 64, messages: user('hello there'), stream: true }),
    );
    const text = events.map((event) => (event.type === 'content_block_delta' && event.delta.type === 'text_delta' ? event.delta.text : ''));
    expect(text.join('')).toBe('You said: hello there');
    expect(events.at(-1)?.type).toBe('message_stop');
    atProvider('/v1/messages');
  });

  it('gets a stream through its helper', async () => {
    const message = await client.messages.stream({ model: 'claude', max_tokens: 64, messages: user('hello') }).finalMessage();
    expect(message.content).toMatchObject([{ type: 'text', text: 'You said: hello' }]);
    expect(message.stop_reason).toBe('end_turn');
  });

  it('gets a tool use', async () => {
    const answer = await client.messages.create({ model: 'claude', max_tokens: 64, messages: user('use get_weather'), tools });
    expect(answer.stop_reason).toBe('tool_use');
    expect(answer.content).toMatchObject([{ type: 'tool_use', name: 'get_weather', input: { said: 'use get_weather' } }]);
  });

  it('gets a streamed tool use', async () => {
    const message = await client.messages
      .stream({ model: 'claude', max_tokens: 64, messages: user('use get_weather'), tools })
      .finalMessage();
    expect(message.content).toMatchObject([{ type: 'tool_use', name: 'get_weather', input: { said: 'use get_weather' } }]);
  });

  it('counts tokens', async () => {
    const { input_tokens: tokens } = await client.messages.countTokens({ model: 'claude', messages: user('hello there') });
    expect(tokens).toBe(3);
    atProvider('/v1/messages/count_tokens');
  });

  it('sees the models that the caller may use, in the shape of its API', async () => {
    const before = door.arrived();
    const models = await gather(client.models.list());
    expect(models.map((model) => model.id)).toEqual(['claude', 'embed', 'large', 'small', 'spare']);
    expect(models[0]).toMatchObject({ type: 'model', display_name: 'claude' });
    const narrowed = await door.createKey({ models: ['claude'] });
    expect((await gather(door.anthropic(narrowed.key).models.list())).map((model) => model.id)).toEqual(['claude']);
    expect(door.arrived()).toBe(before);
  });

  it('sends its version and beta marks to the provider', async () => {
    await client.beta.messages.create({ model: 'claude', max_tokens: 64, messages: user('hello'), betas: ['context-1m-2025-08-07'] });
    const { headers } = atProvider('/v1/messages');
    expect(headers).toContainEqual(['anthropic-beta', 'context-1m-2025-08-07']);
    expect(headers.filter(([name]) => name === 'anthropic-version')).toHaveLength(1);
  });

  it.each(['/v1/messages', '/v1/messages/count_tokens'])('sends the query and headers of older clients along with %s', async (path) => {
    const { max_tokens: _, ...counted } = messageBody();
    const beta: readonly [string, string] = ['anthropic-beta', 'a-2024-01-01,b-2025-01-01'];
    const answer = await ask(door, {
      path: `${path}?beta=true`,
      headers: [['x-api-key', key], version, beta],
      body: path === '/v1/messages' ? messageBody() : counted,
    });
    expect(answer.status).toBe(200);
    const request = atProvider(`${path}?beta=true`);
    expect(request.headers).toContainEqual(version);
    expect(request.headers).toContainEqual(beta);
  });

  describe('errors are typed, in the shape of its API, and nothing reaches a provider', () => {
    it('401 for a key that is not one', async () => {
      const call = door.anthropic('sk-ant-api03-nothing').messages.create({ model: 'claude', max_tokens: 64, messages: user('hello') });
      const { error, arrived } = await failure(door, call);
      expect(arrived).toBe(0);
      expect(error).toBeInstanceOf(Anthropic.AuthenticationError);
      expect(error).toMatchObject({ status: 401, type: 'authentication_error' });
    });

    it('403 for a model that is not declared', async () => {
      const { error, arrived } = await failure(door, create('claude-opus-4'));
      expect(arrived).toBe(0);
      expect(error).toBeInstanceOf(Anthropic.PermissionDeniedError);
      expect(error).toMatchObject({ status: 403, type: 'permission_error' });
    });

    it('404 for an endpoint that is not offered', async () => {
      const { error, arrived } = await failure(
        door,
        client.messages.batches.list().then((page) => page.data),
      );
      expect(arrived).toBe(0);
      expect(error).toBeInstanceOf(Anthropic.NotFoundError);
      expect(error).toMatchObject({ status: 404, type: 'not_found_error' });
    });

    it('400 for a field of the wrong type', async () => {
      const { error, arrived } = await failure(door, create('claude', { stream: 'yes' }));
      expect(arrived).toBe(0);
      expect(error).toBeInstanceOf(Anthropic.BadRequestError);
      expect(error).toMatchObject({ status: 400, type: 'invalid_request_error' });
      expect(String(error)).toContain('stream');
    });

    it('400 for a model that speaks another API only', async () => {
      const { error, arrived } = await failure(door, create('large'));
      expect(arrived).toBe(0);
      expect(error).toBeInstanceOf(Anthropic.BadRequestError);
      expect(error).toMatchObject({ status: 400, type: 'invalid_request_error' });
      expect(String(error)).toContain('does not offer this operation');
    });

    it('413 for a body that is too large', async () => {
      const { error, arrived } = await failure(door, create('claude', { system: 'x'.repeat(17 * 1_024 * 1_024) }));
      expect(arrived).toBe(0);
      expect(error).toMatchObject({ status: 413, type: 'request_too_large' });
    });
  });

  it.each([
    ['x-api-key, as older clients do', [['x-api-key', 'KEY']]],
    ['Authorization: Bearer, as newer clients do', [['authorization', 'Bearer KEY']]],
    ['authorization with another case of the scheme', [['Authorization', 'bEaReR KEY']]],
  ] as const)('takes the key in %s', async (_what, template) => {
    const headers = template.map(([name, value]): [string, string] => [name, value.replace('KEY', key)]);
    const seen = await observe(door, { path: '/v1/messages', headers: [version, ...headers], body: messageBody() });
    expect(seen).toMatchObject({ status: 200, arrived: 1, line: { operation: 'messages', provider: 'claude', caller: 'key' } });
    atProvider('/v1/messages');
  });

  it('does not take the key in both headers at once', async () => {
    const headers = [version, ['x-api-key', key], ['authorization', `Bearer ${key}`]] as const;
    const seen = await observe(door, { path: '/v1/messages', headers, body: messageBody() });
    expect(seen).toMatchObject({ status: 401, shape: 'anthropic', code: 'authentication_error', arrived: 0 });
    expect(seen.line).toMatchObject({ disposition: 'denied', code: 'credential_ambiguous' });
  });

  it.each(['/v1/messages', '/v1/messages/count_tokens', '/v1/messages/batches', '/v1/messages?beta=true', '/v1/messages/'])(
    'answers a refusal below %s in the shape of the API',
    async (path) => {
      const answer = await ask(door, { path, body: messageBody() });
      expect(answer).toMatchObject({ status: 401, shape: 'anthropic', code: 'authentication_error' });
    },
  );

  it("passes a provider's own refusal of the request on as it is", async () => {
    const seen = await observe(door, { path: '/v1/messages', bearer: key, body: messageBody() });
    expect(seen).toMatchObject({ status: 400, shape: 'anthropic', arrived: 1 });
    expect(seen.text).toContain('anthropic-version');
  });
});
