import OpenAI, { AuthenticationError, BadRequestError, NotFoundError } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLocalProvider, type LocalProvider } from '../../../src/cli/demo/local-provider.ts';

const KEY = 'sk-provider-openai-0001';
const MODEL = 'gpt-4o-mini';
const said = 'Grüße from Zürich: my card is 4111 1111 1111 1111';
const tools = [{ type: 'function', function: { name: 'get_weather', parameters: { type: 'object' } } }] as const;

let provider: LocalProvider;
let client: OpenAI;

const clientWith = (apiKey: string): OpenAI => new OpenAI({ apiKey, baseURL: `${provider.url}/v1`, maxRetries: 0 });

beforeAll(async () => {
  provider = await startLocalProvider({
    apis: ['openai', 'anthropic'],
    key: KEY,
    models: [MODEL, 'text-embedding-3-small'],
    basePath: '/eu/west',
  });
  client = clientWith(KEY);
});
afterAll(() => provider.close());

const ask = (content: string) => ({ model: MODEL, messages: [{ role: 'user' as const, content }] });

describe('chat', () => {
  it('says back what it received and counts it', async () => {
    const answer = await client.chat.completions.create(ask(said));
    expect(answer.choices[0]).toMatchObject({ message: { role: 'assistant', content: `You said: ${said}` }, finish_reason: 'stop' });
    expect(answer.usage?.total_tokens).toBe((answer.usage?.prompt_tokens ?? 0) + (answer.usage?.completion_tokens ?? 0));
  });

  it('reads text out of content parts', async () => {
    const answer = await client.chat.completions.create({
      model: MODEL,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'one ' },
            { type: 'text', text: 'two' },
          ],
        },
      ],
    });
    expect(answer.choices[0]?.message.content).toBe('You said: one two');
  });

  it('streams: a role chunk, several pieces, a finish reason, and the usage that was asked for', async () => {
    const chunks = [];
    for await (const chunk of await client.chat.completions.create({
      ...ask(said),
      stream: true,
      stream_options: { include_usage: true },
    })) {
      chunks.push(chunk);
    }
    expect(chunks[0]?.choices[0]?.delta).toMatchObject({ role: 'assistant' });
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(`You said: ${said}`);
    expect(chunks.length).toBeGreaterThan(5);
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.at(-1)?.choices).toEqual([]);
    expect(chunks.at(-1)?.usage?.prompt_tokens).toBeGreaterThan(0);
  });

  it('has no usage in a stream that did not ask for it', async () => {
    for await (const chunk of await client.chat.completions.create({ ...ask('hi'), stream: true })) {
      expect(chunk.usage).toBeUndefined();
    }
  });

  it('ends with [DONE] after every event', async () => {
    const response = await fetch(`${provider.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}` },
      body: JSON.stringify({ ...ask('hi'), stream: true }),
    });
    const events = (await response.text()).split('\n\n');
    expect(events.slice(-2)).toEqual(['data: [DONE]', '']);
    expect(events.slice(0, -1).every((event) => event.startsWith('data: '))).toBe(true);
  });

  it('calls a tool that the text asks for, and no other time', async () => {
    const called = await client.chat.completions.create({ ...ask('use get_weather for Oslo'), tools: [...tools] });
    expect(called.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: null,
        tool_calls: [{ type: 'function', function: { name: 'get_weather', arguments: '{"said":"use get_weather for Oslo"}' } }],
      },
    });
    const plain = await client.chat.completions.create({ ...ask('hello'), tools: [...tools] });
    expect(plain.choices[0]?.finish_reason).toBe('stop');
  });

  it('streams a tool call that the client puts together', async () => {
    const stream = client.chat.completions.stream({ ...ask('use get_weather'), tools: [...tools] });
    const [call] = (await stream.finalMessage()).tool_calls ?? [];
    expect(call).toMatchObject({ type: 'function', function: { name: 'get_weather', arguments: '{"said":"use get_weather"}' } });
  });

  it('answers to what a tool said', async () => {
    const call = { id: 'call_1', type: 'function' as const, function: { name: 'get_weather', arguments: '{}' } };
    const answer = await client.chat.completions.create({
      model: MODEL,
      tools: [...tools],
      messages: [
        { role: 'user', content: 'use get_weather' },
        { role: 'assistant', tool_calls: [call] },
        { role: 'tool', tool_call_id: 'call_1', content: 'rain' },
      ],
    });
    expect(answer.choices[0]?.message.content).toBe('The tool said: rain');
  });

  it('stops at the length that was asked for, in whole characters', async () => {
    const answer = await client.chat.completions.create({ ...ask('ü'.repeat(50)), max_completion_tokens: 3 });
    expect(answer.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: 'You said: ü' } });
  });
});

describe('the other operations', () => {
  it('completes text, whole and streamed', async () => {
    const whole = await client.completions.create({ model: MODEL, prompt: said });
    expect(whole.choices[0]?.text).toBe(`You said: ${said}`);
    let text = '';
    for await (const chunk of await client.completions.create({ model: MODEL, prompt: said, stream: true })) {
      text += chunk.choices[0]?.text ?? '';
    }
    expect(text).toBe(`You said: ${said}`);
  });

  it('embeds the same text to the same unit vector, as floats and as base64', async () => {
    const request = { model: 'text-embedding-3-small', input: ['one', 'two'], dimensions: 8 };
    // Without an encoding the client asks for base64 and decodes it.
    const decoded = await client.embeddings.create(request);
    const floats = await client.embeddings.create({ ...request, encoding_format: 'float' });
    expect(Array.from(decoded.data[0]?.embedding ?? [])).toEqual(floats.data[0]?.embedding);
    expect(floats.data[0]?.embedding).not.toEqual(floats.data[1]?.embedding);
    expect(Math.hypot(...(floats.data[1]?.embedding ?? []))).toBeCloseTo(1, 5);
  });

  it('answers responses, whole and streamed', async () => {
    const whole = await client.responses.create({ model: MODEL, input: said });
    expect(whole).toMatchObject({ output_text: `You said: ${said}`, status: 'completed' });
    const stream = client.responses.stream({ model: MODEL, input: [{ role: 'user', content: said }] });
    const types: string[] = [];
    stream.on('event', (event) => types.push(event.type));
    expect((await stream.finalResponse()).output_text).toBe(`You said: ${said}`);
    expect(types.slice(0, 4)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
    ]);
    expect(types.at(-1)).toBe('response.completed');
  });

  it('calls a function in responses, whole and streamed', async () => {
    const request = {
      model: MODEL,
      input: 'use get_weather',
      tools: [{ type: 'function' as const, name: 'get_weather', parameters: { type: 'object' }, strict: false }],
    };
    const expected = { type: 'function_call', name: 'get_weather', arguments: '{"said":"use get_weather"}' };
    expect((await client.responses.create(request)).output[0]).toMatchObject(expected);
    expect((await client.responses.stream(request).finalResponse()).output[0]).toMatchObject(expected);
  });

  it('lists its models', async () => {
    const listed = await client.models.list();
    expect(listed.data.map((model) => model.id)).toEqual([MODEL, 'text-embedding-3-small']);
  });
});

describe('refusals', () => {
  it('shows part of a key it does not know', async () => {
    const refused = await clientWith('sk-wrong-canary-abcdefgh-9876')
      .chat.completions.create(ask('hi'))
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AuthenticationError);
    expect(refused).toMatchObject({ status: 401, code: 'invalid_api_key' });
    expect(String(refused)).toMatch(/sk-wrong\*+9876/u);
  });

  it('refuses an unknown model by name', async () => {
    const refused = client.chat.completions.create({ ...ask('hi'), model: 'gpt-secret' });
    await expect(refused).rejects.toThrow(NotFoundError);
    await expect(refused).rejects.toMatchObject({ code: 'model_not_found' });
  });

  it('refuses a body without messages, naming the parameter', async () => {
    const refused = client.post('/chat/completions', { body: { model: MODEL } });
    await expect(refused).rejects.toThrow(BadRequestError);
    await expect(refused).rejects.toMatchObject({ param: 'messages' });
  });

  it.each([
    ['no key', '/v1/chat/completions', {}, 401],
    ['a key in another scheme', '/v1/chat/completions', { authorization: `Basic ${KEY}` }, 401],
    ['a body that is not JSON', '/v1/chat/completions', { authorization: `Bearer ${KEY}` }, 400],
    ['an unknown path', '/v1/images', { authorization: `Bearer ${KEY}` }, 404],
  ])('answers %s in its own shape', async (_, path, headers, status) => {
    const response = await fetch(provider.url + path, { method: 'POST', headers, body: '{' });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  });

  it('serves nothing outside its base path', async () => {
    const response = await fetch(`${new URL(provider.url).origin}/v1/models`, { headers: { authorization: `Bearer ${KEY}` } });
    expect(response.status).toBe(404);
  });

  it('forgets a key that was replaced', async () => {
    provider.setKeys(['sk-next', 'sk-after']);
    await expect(client.models.list()).rejects.toThrow(AuthenticationError);
    await expect(clientWith('sk-after').models.list()).resolves.toBeDefined();
    provider.setKeys(KEY);
  });
});

it('records what arrived: raw headers in order, target, body, connection', async () => {
  const before = provider.requests.at(-1)?.sequence ?? 0;
  await client.chat.completions.create(ask('for the record'));
  const record = provider.requests.at(-1);
  expect(record).toMatchObject({ sequence: before + 1, method: 'POST', path: '/eu/west/v1/chat/completions', complete: true });
  expect(record?.headers.filter(([name]) => name.toLowerCase() === 'authorization')).toEqual([[expect.anything(), `Bearer ${KEY}`]]);
  expect(JSON.parse(record?.body.toString() ?? '')).toEqual(ask('for the record'));
});
