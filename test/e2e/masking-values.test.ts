import type { ChatCompletionMessageParam } from 'openai/resources';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openDoor, type Door } from '../support/door.ts';
import { plantedValues, unplantedEntities } from '../support/planted.ts';
import type { TestProvider } from '../support/provider.ts';
import { saidTexts } from '../support/said-texts.ts';

const planted = plantedValues(500, 7);
const values = planted.map(({ value }) => value);
const letter = (from: number, to: number): string =>
  planted
    .slice(from, to)
    .map(({ sentence }) => sentence)
    .join('\n');
const letters = [letter(0, 100), letter(100, 200), letter(200, 300), letter(300, 400), letter(400, 500)] as const;
const all = letter(0, 500);
const lookup = { type: 'function', function: { name: 'lookup', parameters: { type: 'object', description: letters[4] } } } as const;
const saidArguments = z.object({ said: z.string() });

/** The last request as its provider got it has placeholders, and no value in any spelling. */
function expectHidden(provider: TestProvider, countMin: number): void {
  const [request] = provider.requests.slice(-1);
  const said = saidTexts(request?.body.toString() ?? '').join('\n');
  expect(values.filter((value) => said.includes(value))).toEqual([]);
  expect(new Set(said.match(/PII_[A-Z_]+_[A-Z2-7]{12}/g)).size).toBeGreaterThanOrEqual(countMin);
}

it('has values of every entity', () => {
  expect(unplantedEntities).toEqual([]);
});

describe.each(['authz+proc', 'proc'] as const)('500 values through the chain %s', (chain) => {
  let door: Door;
  let key: string;
  beforeAll(async () => {
    door = await openDoor({
      settings: (settings) => {
        settings.edge.chain = chain;
        // A busy machine must not fail a test by the clock.
        settings.edge.timeouts = { store: '1s', decision: '20s' };
        settings.masking = { request: { entities: ['personal'] } };
      },
    });
    ({ key } = await door.createKey());
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
  });

  it('chat: in all roles, tool calls, their results and definitions', async () => {
    const [system, user, assistant, tool] = letters;
    const messages: ChatCompletionMessageParam[] = [
      { role: 'system', content: system },
      { role: 'user', content: [{ type: 'text', text: user }] },
      {
        role: 'assistant',
        content: assistant,
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'lookup', arguments: JSON.stringify({ note: tool }) } }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: JSON.stringify({ found: [assistant], count: 1 }) },
    ];
    const answer = await door.openai(key).chat.completions.create({ model: 'large', messages, tools: [lookup] });
    expectHidden(door.providers.alpha, 480);
    expect(answer.choices[0]?.message.content).toBe(`The tool said: ${JSON.stringify({ found: [assistant], count: 1 })}`);
  });

  it('chat: come back whole and in a stream', async () => {
    const ask = { model: 'large', messages: [{ role: 'user' as const, content: all }], n: 2 };
    const answer = await door.openai(key).chat.completions.create(ask);
    expect(answer.choices.map(({ message }) => message.content)).toEqual([`You said: ${all}`, `You said: ${all}`]);
    const stream = await door.openai(key).chat.completions.create({ ...ask, stream: true });
    const read = ['', ''];
    for await (const { choices } of stream) {
      for (const { index, delta } of choices) {
        read[index] += delta.content ?? '';
      }
    }
    expect(read).toEqual([`You said: ${all}`, `You said: ${all}`]);
    expectHidden(door.providers.alpha, 480);
  });

  it('chat: come back in the arguments of a call, whole and in a stream', async () => {
    const content = `Use the tool lookup: "${letters[0]}"`;
    const ask = { model: 'large', messages: [{ role: 'user' as const, content }], tools: [lookup] };
    const answer = await door.openai(key).chat.completions.create(ask);
    const [call] = answer.choices[0]?.message.tool_calls ?? [];
    expect(saidArguments.parse(JSON.parse(call?.type === 'function' ? call.function.arguments : ''))).toEqual({ said: content });
    const stream = door.openai(key).chat.completions.stream(ask);
    const [streamed] = (await stream.finalChatCompletion()).choices[0]?.message.tool_calls ?? [];
    expect(saidArguments.parse(JSON.parse(streamed?.type === 'function' ? streamed.function.arguments : ''))).toEqual({ said: content });
    expectHidden(door.providers.alpha, 95);
  });

  it('completions: in a list of prompts, whole and in a stream', async () => {
    const answer = await door.openai(key).completions.create({ model: 'large', prompt: [...letters] });
    expect(answer.choices.map(({ text }) => text)).toEqual(letters.map((text) => `You said: ${text}`));
    expectHidden(door.providers.alpha, 480);
    let text = '';
    for await (const { choices } of await door.openai(key).completions.create({ model: 'large', prompt: all, stream: true })) {
      text += choices[0]?.text ?? '';
    }
    expect(text).toBe(`You said: ${all}`);
  });

  it('responses: in instructions and items, whole and in a stream', async () => {
    const [instructions, ...rest] = letters;
    const ask = { model: 'large', instructions, input: rest.map((content) => ({ role: 'user' as const, content })) };
    const answer = await door.openai(key).responses.create(ask);
    expect(answer.output_text).toBe(`You said: ${letters[4]}`);
    expectHidden(door.providers.alpha, 480);
    const final = await door.openai(key).responses.stream({ model: 'large', input: all }).finalResponse();
    expect(final.output_text).toBe(`You said: ${all}`);
    expectHidden(door.providers.alpha, 480);
  });

  it('messages: in all places, whole and in a stream', async () => {
    const [system, first, , third, last] = letters;
    const names = Object.fromEntries(planted.slice(200, 300).map(({ sentence }) => [sentence, true]));
    const message = {
      model: 'claude',
      max_tokens: 20_000,
      system: [{ type: 'text' as const, text: system }],
      messages: [
        { role: 'user' as const, content: first },
        {
          role: 'assistant' as const,
          content: [{ type: 'tool_use' as const, id: 'toolu_1', name: 'lookup', input: { ...names, note: third } }],
        },
        { role: 'user' as const, content: [{ type: 'tool_result' as const, tool_use_id: 'toolu_1', content: last }] },
      ],
    };
    await door.anthropic(key).messages.create(message);
    expectHidden(door.providers.claude, 480);
    const ask = { model: 'claude', max_tokens: 20_000, messages: [{ role: 'user' as const, content: all }] };
    const answer = await door.anthropic(key).messages.create(ask);
    expect(answer.content).toMatchObject([{ type: 'text', text: `You said: ${all}` }]);
    expect(await door.anthropic(key).messages.stream(ask).finalText()).toBe(`You said: ${all}`);
    const count = await door.anthropic(key).messages.countTokens({ model: 'claude', system: all, messages: message.messages });
    expect(count.input_tokens).toBeGreaterThan(1);
    expectHidden(door.providers.claude, 480);
  });

  it('embeddings: in a list of inputs', async () => {
    await door.openai(key).embeddings.create({ model: 'embed', input: [...letters], user: letters[0] });
    expectHidden(door.providers.alpha, 480);
  });

  it('are in no log', () => {
    const written = door.sidecars.map((sidecar) => sidecar.stdout() + sidecar.stderr()).join('\n');
    expect(values.filter((value) => value.length > 9 && written.includes(value))).toEqual([]);
    expect(door.exchanges().length).toBeGreaterThanOrEqual(10);
  });
});
