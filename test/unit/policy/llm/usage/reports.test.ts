import { describe, expect, it } from 'vitest';
import type { BodyOperation } from '../../../../../src/policy/llm/fields.ts';
import { NO_USAGE } from '../../../../../src/policy/llm/usage/usage.ts';
import { chargeFor } from '../../../../../src/policy/llm/usage/charge.ts';
import { ANSWERS, TEXT, dataEvent, meterEvents, meterJson, meterPieces } from './samples.ts';

const HELD = { inputTokens: 1_000, outputTokens: 4_000 };
const told = (tokens: unknown): string => dataEvent({ choices: [{}], usage: { prompt_tokens: 5, completion_tokens: tokens } });
const WHOLE = { isCut: false, onDisconnect: 'hold' } as const;

describe('usage of a whole answer', () => {
  it.each<[BodyOperation, object, object]>([
    [
      'chat',
      {
        usage: {
          prompt_tokens: 100,
          completion_tokens: 50,
          total_tokens: 150,
          prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 30, audio_tokens: 3 },
          completion_tokens_details: { reasoning_tokens: 20, audio_tokens: 4, rejected_prediction_tokens: 9 },
        },
        model: 'served',
        service_tier: 'flex',
      },
      {
        inputTokens: 100,
        outputTokens: 50,
        totalTokens: 150,
        cacheReadTokens: 60,
        cacheWriteTokens: 30,
        audioInputTokens: 3,
        reasoningTokens: 20,
        audioOutputTokens: 4,
        model: 'served',
        serviceTier: 'flex',
      },
    ],
    [
      'chat',
      { usage: { prompt_tokens: 3, completion_tokens: 4, prompt_tokens_details: null } },
      { inputTokens: 3, outputTokens: 4, totalTokens: 7 },
    ],
    // Hidden thoughts of a compatible server: in the total alone.
    [
      'chat',
      { usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 20 } },
      { inputTokens: 3, outputTokens: 17, totalTokens: 20 },
    ],
    ['chat', { usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 5 } }, { inputTokens: 3, outputTokens: 4, totalTokens: 7 }],
    ['embeddings', { data: [], usage: { prompt_tokens: 9, total_tokens: 9 }, model: 'e' }, { inputTokens: 9, outputTokens: 0, model: 'e' }],
    ['embeddings', { usage: { prompt_tokens: 9, total_tokens: 11 } }, { inputTokens: 9, outputTokens: 2, totalTokens: 11 }],
    [
      'messages',
      {
        model: 'served',
        usage: {
          input_tokens: 10,
          cache_creation_input_tokens: 7,
          cache_read_input_tokens: 4,
          cache_creation: { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: 2 },
          output_tokens: 6,
          output_tokens_details: { thinking_tokens: 5 },
          server_tool_use: { web_search_requests: 1, web_fetch_requests: 2 },
          service_tier: 'priority',
          speed: 'fast',
          inference_geo: 'us',
        },
      },
      {
        inputTokens: 21,
        outputTokens: 6,
        totalTokens: 27,
        cacheReadTokens: 4,
        cacheWriteTokens: 7,
        cacheWrite1hTokens: 2,
        reasoningTokens: 5,
        webSearches: 1,
        webFetches: 2,
        model: 'served',
        serviceTier: 'priority',
        speed: 'fast',
        inferenceGeo: 'us',
      },
    ],
    ['messages', { usage: { input_tokens: 1, output_tokens: 2, cache_creation_input_tokens: null } }, { inputTokens: 1, totalTokens: 3 }],
    [
      'messages',
      { usage: { input_tokens: 1, output_tokens: 2, cache_creation: { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: 2 } } },
      { inputTokens: 8, cacheWriteTokens: 7, cacheWrite1hTokens: 2 },
    ],
    [
      'messages',
      {
        usage: {
          input_tokens: 1,
          output_tokens: 2,
          iterations: [
            { type: 'message', input_tokens: 1, output_tokens: 2 },
            { type: 'compaction', input_tokens: 100, cache_read_input_tokens: 10, cache_creation_input_tokens: 1, output_tokens: 50 },
            { type: 'compaction' },
            'x',
          ],
        },
      },
      { inputTokens: 112, outputTokens: 52 },
    ],
    [
      'responses',
      { usage: { input_tokens: 5, output_tokens: 6, total_tokens: 11 }, tool_usage: { web_search: { num_requests: 2 } } },
      { webSearches: 2 },
    ],
    ['count_tokens', { input_tokens: 5_000 }, NO_USAGE],
  ])('%s: %j', (operation, body, usage) => {
    expect(meterJson(operation, body)).toMatchObject({ usage, isFinal: true });
  });

  it('reads no more of a cache, of thoughts or of audio than there is input or output', () => {
    const details = { cached_tokens: 900, cache_write_tokens: 900, reasoning_tokens: 900 };
    const usage = { prompt_tokens: 5, completion_tokens: 6, prompt_tokens_details: details, completion_tokens_details: details };
    expect(meterJson('chat', { usage }).usage).toMatchObject({ cacheReadTokens: 5, cacheWriteTokens: 0, reasoningTokens: 6 });
  });

  it('finds the usage wherever it stands, and none that is not the answer\u2019s own', () => {
    const usage = { prompt_tokens: 5, completion_tokens: 6 };
    expect(meterJson('chat', { usage, choices: [], x: { usage: { prompt_tokens: 9 } } }).usage?.totalTokens).toBe(11);
    expect(meterJson('chat', { x: { usage }, choices: [{ usage }] }).usage).toBeUndefined();
    expect(
      meterJson('chat', { choices: [{ message: { content: '"usage":{"prompt_tokens":1,"completion_tokens":1}' } }] }).usage,
    ).toBeUndefined();
  });
});

// Controls 5.4: a provider that lies. Its answer is charged by what was held, never by nothing.
describe('usage that is no figure', () => {
  const good = { prompt_tokens: 5, completion_tokens: 6, total_tokens: 11 };
  const lies: readonly (readonly [string, string])[] = [
    ['absent', '{"choices":[]}'],
    ['null', '{"choices":[],"usage":null}'],
    ['a string', '{"choices":[],"usage":"5"}'],
    ['a list', '{"choices":[],"usage":[5,6]}'],
    ['empty', '{"choices":[],"usage":{}}'],
    ['negative', `{"choices":[],"usage":${JSON.stringify({ ...good, completion_tokens: -6 })}}`],
    ['1e308', '{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":1e308}}'],
    ['beyond a double', '{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":1e999}}'],
    ['2^53', '{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":9007199254740992}}'],
    ['a sum over 2^53', '{"choices":[],"usage":{"prompt_tokens":9007199254740991,"completion_tokens":9007199254740991}}'],
    ['a fraction', '{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":6.5}}'],
    ['figures in strings', '{"choices":[],"usage":{"prompt_tokens":"5","completion_tokens":"6"}}'],
    ['without output', '{"choices":[],"usage":{"prompt_tokens":5,"total_tokens":11}}'],
    ['there twice', `{"choices":[],"usage":${JSON.stringify(good)},"usage":${JSON.stringify({ ...good, completion_tokens: 0 })}}`],
    ['there a thousand times', `{"choices":[]${`,"usage":${JSON.stringify(good)}`.repeat(1_000)}}`],
    ['with a figure twice', '{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":6,"completion_tokens":0}}'],
    ['with an escaped name', '{"choices":[],"us\\u0061ge":{"prompt_tokens":5,"completion_tokens":6}}'],
    ['too long', `{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":6,"x":"${'x'.repeat(20_000)}"}}`],
    ['cut', '{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":6'],
    ['not JSON', 'choices=1&usage=2'],
    ['behind the end', `{"choices":[]}{"usage":${JSON.stringify(good)}}`],
    ['in a list', `[{"usage":${JSON.stringify(good)}}]`],
    ['badly closed', '{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":6]]'],
    ['behind a depth of 10,000', `{"x":${'['.repeat(10_000)}${']'.repeat(10_000)},"usage":${JSON.stringify(good)}}`],
    ['invalid UTF-8', '{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":6,"\\ud800":1}}'],
  ];

  it.each(lies)('%s, in JSON', (_what, body) => {
    const metered = meterJson('chat', body);
    expect(metered.usage).toBeUndefined();
    expect(chargeFor(metered, HELD, WHOLE)).toEqual({ rule: 'held' });
  });

  it.each(lies.filter(([what]) => !['too long', 'behind a depth of 10,000'].includes(what)))('%s, in a stream', (_what, body) => {
    const metered = meterEvents('chat', [dataEvent(body), 'data: [DONE]\n\n']);
    expect(metered.usage).toBeUndefined();
    expect(chargeFor(metered, HELD, WHOLE)).toEqual({ rule: 'held' });
  });

  it.each([
    { input_tokens: -1, output_tokens: 6 },
    { input_tokens: 5, output_tokens: '6' },
    { input_tokens: 5 },
    { output_tokens: 6 },
    { input_tokens: 5, output_tokens: 6, cache_read_input_tokens: -4 },
    { input_tokens: 5, output_tokens: 6, cache_creation_input_tokens: 1.5 },
  ])('of messages: %j', (usage) => {
    expect(meterJson('messages', { usage }).usage).toBeUndefined();
  });

  it('takes the place of a figure that was told before it', () => {
    expect(meterEvents('chat', [told(1), told(2)]).usage?.outputTokens).toBe(2);
    expect(meterEvents('chat', [told(1), told(-2), 'data: [DONE]\n\n']).usage).toBeUndefined();
    const [begin = ''] = ANSWERS[1]?.events ?? [];
    const delta = dataEvent({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 'x' } });
    expect(meterEvents('messages', [begin, delta]).usage).toBeUndefined();
    expect(meterEvents('messages', [dataEvent({ type: 'message_start', message: { usage: { input_tokens: -1 } } })]).usage).toBeUndefined();
    expect(meterEvents('messages', [dataEvent({ type: 'message_start', usage: 1 })]).usage).toBeUndefined();
  });
});

describe('usage below the text that was seen', () => {
  const long = 'word '.repeat(400);
  const answer = (tokens: number): object => ({
    choices: [{ message: { content: long } }],
    usage: { prompt_tokens: 5, completion_tokens: tokens, total_tokens: 5 + tokens },
  });

  it('cannot be true below a token for 128 bytes: then the text is charged', () => {
    // 2,000 bytes: 15.6 tokens at the very least, 500 likely.
    expect(chargeFor(meterJson('chat', answer(16)), HELD, WHOLE)).toMatchObject({ rule: 'reported', usage: { outputTokens: 16 } });
    expect(chargeFor(meterJson('chat', answer(15)), HELD, WHOLE)).toMatchObject({
      rule: 'corrected',
      usage: { inputTokens: 5, outputTokens: 500, totalTokens: 505 },
    });
  });

  it('is the same in a stream', () => {
    const events = [dataEvent({ choices: [{ delta: { content: long } }], usage: null })];
    const last = dataEvent({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 0 } });
    expect(chargeFor(meterEvents('chat', [...events, last]), HELD, WHOLE)).toMatchObject({
      rule: 'corrected',
      usage: { outputTokens: 500 },
    });
  });

  it('is not looked for where a completion repeats its prompt', () => {
    const body = JSON.stringify({ choices: [{ text: long }], usage: { prompt_tokens: 400, completion_tokens: 0 } });
    const subject = { operation: 'completions', form: 'json', echoes: true } as const;
    expect(meterPieces(subject, [body])).toMatchObject({ observed: { textBytes: 0 }, usage: { outputTokens: 0 } });
  });

  it('is measured by what the model wrote alone', () => {
    const input = JSON.stringify({ city: 'Köln' });
    const calls = [{ id: 'c', type: 'function', function: { name: 'f', arguments: input } }];
    const message = {
      content: TEXT,
      refusal: 'no',
      tool_calls: calls,
      audio: { data: 'x'.repeat(999) },
      annotations: [{ title: 'content' }],
    };
    const body = { prompt: long, choices: [{ message, logprobs: { content: [{ token: long }] } }], metadata: { content: long } };
    const seen = Buffer.byteLength(TEXT) + 2 + Buffer.byteLength(input);
    expect(meterJson('chat', body).observed.textBytes).toBe(seen);
    const results = [
      { type: 'mcp_tool_result', content: [{ type: 'text', text: long }] },
      { type: 'text', text: 'ab' },
    ];
    expect(meterJson('messages', { content: results }).observed.textBytes).toBe(2);
    expect(meterJson('responses', { instructions: long, output: [{ results: [{ text: long }] }] }).observed.textBytes).toBe(0);
  });
});
