import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordedRequest } from '../../src/cli/demo/provider-answer.ts';
import { ask, chatBody, failure, gather, lineSince, observe, parseJson } from '../support/ask.ts';
import { openDoor, PROVIDER_KEYS, type Door } from '../support/door.ts';

const tools: OpenAI.Chat.ChatCompletionTool[] = [
  { type: 'function', function: { name: 'get_weather', parameters: { type: 'object', properties: { said: { type: 'string' } } } } },
];
const user = (content: string): OpenAI.Chat.ChatCompletionMessageParam[] => [{ role: 'user', content }];

describe('the unchanged openai client', () => {
  let door: Door;
  let key: string;
  let client: OpenAI;
  beforeAll(async () => {
    door = await openDoor();
    ({ key } = await door.createKey());
    client = door.openai(key);
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
  });

  /** The last request at the provider: its own key, its own model's name, nothing of the client's credential. */
  const atProvider = (path: string, model: string): RecordedRequest => {
    const request = door.providers.alpha.requests.at(-1);
    expect(request?.path).toBe(path);
    expect(request?.headers.filter(([name]) => name.toLowerCase() === 'authorization')).toEqual([
      ['authorization', `Bearer ${PROVIDER_KEYS.alpha}`],
    ]);
    expect(request?.headers.filter(([name]) => ['x-api-key', 'api-key'].includes(name.toLowerCase()))).toEqual([]);
    expect(JSON.stringify([request?.headers, request?.body.toString()])).not.toContain(key);
    expect(parseJson(request?.body.toString() ?? '')).toMatchObject({ model });
    if (request === undefined) {
      throw new Error('nothing reached the provider');
    }
    return request;
  };

  describe('chat', () => {
    it('answers, and only the name of the model differs in what the provider reads', async () => {
      const answer = await client.chat.completions.create({ model: 'large', messages: user('hello') });
      expect(answer.choices[0]?.message.content).toBe('You said: hello');
      expect(answer.usage?.total_tokens).toBeGreaterThan(0);
      const request = atProvider('/v1/chat/completions', 'alpha-large');
      expect(request.body.toString()).toBe('{"model":"alpha-large","messages":[{"role":"user","content":"hello"}]}');
    });

    it('streams, with usage at the end', async () => {
      const stream = await client.chat.completions.create({
        model: 'large',
        messages: user('a longer text, so that it comes in pieces'),
        stream: true,
        stream_options: { include_usage: true },
      });
      const chunks = await gather(stream);
      expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(
        'You said: a longer text, so that it comes in pieces',
      );
      expect(chunks.length).toBeGreaterThan(4);
      expect(chunks.at(-1)?.usage?.completion_tokens).toBeGreaterThan(0);
      atProvider('/v1/chat/completions', 'alpha-large');
    });

    it('calls a tool', async () => {
      const answer = await client.chat.completions.create({ model: 'large', messages: user('use get_weather'), tools });
      const [call] = answer.choices[0]?.message.tool_calls ?? [];
      expect(answer.choices[0]?.finish_reason).toBe('tool_calls');
      expect(call).toMatchObject({ type: 'function', function: { name: 'get_weather', arguments: '{"said":"use get_weather"}' } });
    });

    it('takes the result of a tool', async () => {
      const answer = await client.chat.completions.create({
        model: 'large',
        messages: [
          ...user('use get_weather'),
          { role: 'assistant', tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{}' } }] },
          { role: 'tool', tool_call_id: 'call_1', content: 'sunny' },
        ],
        tools,
      });
      expect(answer.choices[0]?.message.content).toBe('The tool said: sunny');
    });

    it('streams a tool call', async () => {
      const stream = await client.chat.completions.create({ model: 'large', messages: user('use get_weather'), tools, stream: true });
      const chunks = await gather(stream);
      const deltas = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? []);
      expect(deltas[0]?.function?.name).toBe('get_weather');
      expect(deltas.map((delta) => delta.function?.arguments ?? '').join('')).toBe('{"said":"use get_weather"}');
      expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls');
    });
  });

  describe('embeddings', () => {
    it('come as base64 on the wire unless asked otherwise, and as numbers to the application', async () => {
      const answer = await client.embeddings.create({ model: 'embed', input: ['one', 'two'] });
      expect(answer.data.map((entry) => entry.embedding.length)).toEqual([1_536, 1_536]);
      expect(parseJson(atProvider('/v1/embeddings', 'alpha-embed').body.toString())).toMatchObject({ encoding_format: 'base64' });
    });

    it('are the same numbers as floats', async () => {
      const asBase64 = await client.embeddings.create({ model: 'embed', input: 'one', dimensions: 64 });
      const asFloat = await client.embeddings.create({ model: 'embed', input: 'one', dimensions: 64, encoding_format: 'float' });
      expect(asFloat.data[0]?.embedding).toHaveLength(64);
      expect(asFloat.data[0]?.embedding).toEqual(asBase64.data[0]?.embedding);
    });

    it('pass through larger than any buffer on the way', async () => {
      const input = Array.from({ length: 850 }, (_, index) => `text ${String(index)}`);
      const startedMs = Date.now();
      for (let round = 0; round < 3; round += 1) {
        const answer = await ask(door, { bearer: key, path: '/v1/embeddings', body: { model: 'embed', input, dimensions: 1_024 } });
        expect(answer.status).toBe(200);
      }
      const line = await lineSince(door, startedMs);
      expect(line).toMatchObject({ operation: 'embeddings', disposition: 'released', status: 200, ending: 'complete' });
      expect(line['responseBytes']).toBeGreaterThan(door.settings.edge.bodyMaxBytes);
    });
  });

  describe('completions', () => {
    it('answer', async () => {
      const answer = await client.completions.create({ model: 'small', prompt: 'hello' });
      expect(answer.choices[0]?.text).toBe('You said: hello');
      atProvider('/v1/completions', 'alpha-small');
    });

    it('stream', async () => {
      const stream = await client.completions.create({ model: 'small', prompt: 'hello there', stream: true });
      const chunks = await gather(stream);
      expect(chunks.map((chunk) => chunk.choices[0]?.text ?? '').join('')).toBe('You said: hello there');
    });
  });

  describe('responses', () => {
    it('answer', async () => {
      const answer = await client.responses.create({ model: 'large', input: 'hello', instructions: 'be kind' });
      expect(answer.output_text).toBe('You said: hello');
      atProvider('/v1/responses', 'alpha-large');
    });

    it('stream', async () => {
      const stream = await client.responses.create({ model: 'large', input: 'hello there', stream: true });
      const events = await gather(stream);
      const text = events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : '')).join('');
      expect(text).toBe('You said: hello there');
      expect(events.at(-1)?.type).toBe('response.completed');
    });

    const functionTool = { type: 'function' as const, name: 'get_weather', parameters: {}, strict: false };

    it('call a function', async () => {
      const answer = await client.responses.create({ model: 'large', input: 'use get_weather', tools: [functionTool] });
      expect(answer.output[0]).toMatchObject({ type: 'function_call', name: 'get_weather', arguments: '{"said":"use get_weather"}' });
    });

    it('stream a function call', async () => {
      const stream = await client.responses.create({ model: 'large', input: 'use get_weather', tools: [functionTool], stream: true });
      const events = await gather(stream);
      const pieces = events.map((event) => (event.type === 'response.function_call_arguments.delta' ? event.delta : ''));
      expect(pieces.join('')).toBe('{"said":"use get_weather"}');
    });
  });

  describe('models', () => {
    it('are those that the caller may use, in order, and no provider is asked', async () => {
      const before = door.arrived();
      const models = await gather(client.models.list());
      expect(models.map((model) => model.id)).toEqual(['claude', 'embed', 'large', 'small', 'spare']);
      expect(models[0]).toMatchObject({ object: 'model', owned_by: 'sallyport' });
      expect(door.arrived()).toBe(before);
    });

    it('are fewer for a key that is narrowed', async () => {
      const narrowed = await door.createKey({ models: ['s*', 'embed', 'undeclared'] });
      const models = await gather(door.openai(narrowed.key).models.list());
      expect(models.map((model) => model.id)).toEqual(['embed', 'small', 'spare']);
    });

    it('are none where the key and its policy have nothing in common', async () => {
      const narrowed = await door.createKey({ policy: 'narrow', models: ['large'] });
      const models = await gather(door.openai(narrowed.key).models.list());
      expect(models).toEqual([]);
    });
  });

  describe('errors are typed, and nothing reaches a provider', () => {
    const messages = user('hello');

    it('401 for a key that is not one', async () => {
      const { error, arrived } = await failure(door, door.openai('vk_test_none').chat.completions.create({ model: 'large', messages }));
      expect(arrived).toBe(0);
      expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
      expect(error).toMatchObject({ status: 401, code: 'credential_invalid', type: 'invalid_request_error' });
    });

    it('403 for a model of somebody else', async () => {
      const narrow = await door.createKey({ models: ['small'] });
      const { error, arrived } = await failure(door, door.openai(narrow.key).chat.completions.create({ model: 'large', messages }));
      expect(arrived).toBe(0);
      expect(error).toBeInstanceOf(OpenAI.PermissionDeniedError);
      expect(error).toMatchObject({ status: 403, code: 'model_not_allowed' });
    });

    it('404 for an endpoint that is not offered, with those that are', async () => {
      const { error, arrived } = await failure(door, client.moderations.create({ input: 'hello' }));
      expect(arrived).toBe(0);
      expect(error).toBeInstanceOf(OpenAI.NotFoundError);
      expect(error).toMatchObject({ status: 404, code: 'endpoint_unsupported' });
      expect(String(error)).toContain('/v1/chat/completions');
    });

    it('400 for a field that would change where the request goes', async () => {
      const { error, arrived } = await failure(
        door,
        client.post('/chat/completions', { body: { model: 'large', messages, api_base: 'https://elsewhere.example' } }),
      );
      expect(arrived).toBe(0);
      expect(error).toBeInstanceOf(OpenAI.BadRequestError);
      expect(error).toMatchObject({ status: 400, code: 'field_forbidden' });
      expect(String(error)).toContain('api_base');
    });

    it('400 for a model that speaks another API only', async () => {
      const { error, arrived } = await failure(door, client.chat.completions.create({ model: 'claude', messages }));
      expect(arrived).toBe(0);
      expect(error).toBeInstanceOf(OpenAI.BadRequestError);
      expect(error).toMatchObject({ status: 400, code: 'model_operation_unsupported' });
    });

    it('413 for a body that is too large', async () => {
      const { error, arrived } = await failure(
        door,
        client.chat.completions.create({ model: 'large', messages: user('x'.repeat(17 * 1_024 * 1_024)) }),
      );
      expect(arrived).toBe(0);
      expect(error).toMatchObject({ status: 413, code: 'body_too_large' });
    });
  });

  it("passes a provider's own refusal of the request on as it is", async () => {
    const seen = await observe(door, { bearer: key, body: { ...chatBody(), n: 100 } });
    expect(seen).toMatchObject({ status: 400, arrived: 1, line: { disposition: 'released', status: 400, provider: 'alpha' } });
    expect(parseJson(seen.text)).toMatchObject({ error: { param: 'n', code: 'invalid_value' } });
  });

  it.each(['x-api-key', 'api-key'])('takes the virtual key in %s too', async (header) => {
    const answer = await ask(door, { headers: [[header, key]] });
    expect(answer.status).toBe(200);
    atProvider('/v1/chat/completions', 'alpha-large');
  });
});
