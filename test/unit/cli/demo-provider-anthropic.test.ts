import Anthropic, { AuthenticationError, BadRequestError, NotFoundError } from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLocalProvider, type LocalProvider } from '../../../src/cli/demo/local-provider.ts';

const KEY = 'sk-ant-provider-0001';
const MODEL = 'claude-sonnet';
const said = 'Grüße from Zürich: my card is 4111 1111 1111 1111';
const tools = [{ name: 'get_weather', input_schema: { type: 'object' as const } }];

let provider: LocalProvider;
let client: Anthropic;

const clientWith = (apiKey: string): Anthropic => new Anthropic({ apiKey, baseURL: provider.url, maxRetries: 0 });

beforeAll(async () => {
  provider = await startLocalProvider({ apis: ['openai', 'anthropic'], key: KEY, models: [MODEL] });
  client = clientWith(KEY);
});
afterAll(() => provider.close());

const ask = (content: string) => ({ model: MODEL, max_tokens: 200, messages: [{ role: 'user' as const, content }] });

describe('messages', () => {
  it('says back what it received', async () => {
    const answer = await client.messages.create(ask(said));
    expect(answer).toMatchObject({ content: [{ type: 'text', text: `You said: ${said}` }], stop_reason: 'end_turn', role: 'assistant' });
    const { request_id: id } = await client.messages.create(ask(said)).withResponse();
    expect(id).toMatch(/^req_/u);
  });

  it('streams the events of the API in their order', async () => {
    const types: string[] = [];
    for await (const event of await client.messages.create({ ...ask(said), stream: true })) {
      types.push(event.type);
    }
    const distinct = types.filter((type, index) => type !== types[index - 1]);
    // The client drops pings.
    expect(distinct).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
  });

  it('streams text and usage that the client puts together', async () => {
    const whole = await client.messages.create(ask(said));
    const streamed = await client.messages.stream(ask(said)).finalMessage();
    expect(streamed.content).toMatchObject([{ text: `You said: ${said}` }]);
    expect(streamed.usage).toMatchObject({ input_tokens: whole.usage.input_tokens, output_tokens: whole.usage.output_tokens });
  });

  it('sends a ping after the first block opened', async () => {
    const response = await fetch(`${provider.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': KEY, 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ ...ask('hi'), stream: true }),
    });
    const events = (await response.text()).split('\n\n');
    expect(events[2]).toBe('event: ping\ndata: {"type":"ping"}');
    expect(events.at(-2)).toBe('event: message_stop\ndata: {"type":"message_stop"}');
  });

  it('uses a tool that the text asks for, whole and streamed', async () => {
    const request = { ...ask('use get_weather'), tools };
    const expected = { stop_reason: 'tool_use', content: [{ type: 'tool_use', name: 'get_weather', input: { said: 'use get_weather' } }] };
    expect(await client.messages.create(request)).toMatchObject(expected);
    expect(await client.messages.stream(request).finalMessage()).toMatchObject(expected);
  });

  it('answers to what a tool said', async () => {
    const answer = await client.messages.create({
      model: MODEL,
      max_tokens: 100,
      tools,
      messages: [
        { role: 'user', content: 'use get_weather' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'rain' }] },
      ],
    });
    expect(answer.content).toMatchObject([{ text: 'The tool said: rain' }]);
  });

  it('counts tokens as the answer will', async () => {
    const { max_tokens: _, ...prompt } = ask(said);
    const counted = await client.messages.countTokens(prompt);
    expect(counted.input_tokens).toBe((await client.messages.create(ask(said))).usage.input_tokens);
  });

  it('lists its models to who sends a version header', async () => {
    const listed = await client.models.list();
    expect(listed.data.map((model) => model.id)).toEqual([MODEL]);
  });
});

describe('refusals', () => {
  it('refuses a wrong key without repeating it', async () => {
    const refused = await clientWith('sk-ant-wrong-canary')
      .messages.create(ask('hi'))
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AuthenticationError);
    expect(refused).toMatchObject({ status: 401, error: { type: 'error', error: { type: 'authentication_error' } } });
    expect(String(refused)).not.toContain('canary');
  });

  it.each([
    ['x-api-key', { 'x-api-key': KEY }, 200],
    ['a bearer token', { authorization: `Bearer ${KEY}` }, 200],
    ['both', { 'x-api-key': KEY, authorization: `Bearer ${KEY}` }, 401],
    ['neither', {}, 401],
  ])('takes the key from one place: %s', async (_, credential, status) => {
    const response = await fetch(`${provider.url}/v1/messages`, {
      method: 'POST',
      headers: { ...credential, 'anthropic-version': '2023-06-01' },
      body: JSON.stringify(ask('hi')),
    });
    expect(response.status).toBe(status);
  });

  it('refuses an unknown model', async () => {
    await expect(client.messages.create({ ...ask('hi'), model: 'claude-secret' })).rejects.toThrow(NotFoundError);
  });

  it('refuses a request without a length or a version', async () => {
    await expect(client.post('/v1/messages', { body: { model: MODEL, messages: ask('hi').messages } })).rejects.toThrow(BadRequestError);
    const response = await fetch(`${provider.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': KEY },
      body: JSON.stringify(ask('hi')),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
  });
});
