import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { chargeFor } from '../../../../../src/policy/llm/usage/charge.ts';
import type { Charge, OnDisconnect } from '../../../../../src/policy/llm/usage/charge.ts';
import { meterWhole } from '../../../../../src/policy/llm/usage/meter.ts';
import { eventBytesMax } from '../../../../../src/policy/llm/usage/sse-blocks.ts';
import { ANSWERS, CHAT, MESSAGES, RESPONSES, TEXT, dataEvent, meterEvents, meterJson, meterPieces } from './samples.ts';
import type { Answer } from './samples.ts';

const HELD = { inputTokens: 1_000, outputTokens: 4_000 };
const DONE = 'data: [DONE]\n\n';
const usageChunk = (output: number, choices: readonly object[] = []): string =>
  dataEvent({ choices, usage: { prompt_tokens: 5, completion_tokens: output } });

describe('Q6: a request is charged the same, streamed or not', () => {
  it.each(ANSWERS)('$operation', ({ operation, whole, events, tokens: [inputTokens, outputTokens] }) => {
    const json = meterJson(operation, whole);
    const streamed = meterEvents(operation, events);
    expect(streamed.usage).toEqual(json.usage);
    expect(streamed.usage).toMatchObject({ inputTokens, outputTokens, model: 'served', reasoningTokens: 5 });
    expect(streamed).toMatchObject({ isFinal: true, observed: { textBytes: Buffer.byteLength(TEXT), textEvents: 2 } });
    expect(json).toMatchObject({ isFinal: true, observed: { textBytes: Buffer.byteLength(TEXT) } });
    const end = { isCut: false, onDisconnect: 'hold' } as const;
    expect(chargeFor(streamed, HELD, end)).toEqual(chargeFor(json, HELD, end));
    expect(meterWhole({ operation, form: 'json', echoes: false }, Buffer.from(JSON.stringify(whole)))).toEqual(json);
  });
});

/** Where the client went away: how many events had passed, and what is charged then. */
interface Cut {
  readonly at: string;
  readonly answer: Answer;
  readonly events: number;
  readonly hold: Charge['rule'];
  readonly observed: readonly [Charge['rule'], number, number];
}

const seen = Math.ceil(Buffer.byteLength(TEXT) / 4);
const firstSeen = Math.ceil(Buffer.byteLength(TEXT.slice(0, 9)) / 4);

describe('Q7: a client that goes away', () => {
  const charge = ({ answer, events }: Cut, onDisconnect: OnDisconnect): Charge =>
    chargeFor(meterEvents(answer.operation, answer.events.slice(0, events), false), HELD, { isCut: true, onDisconnect });

  it.each<Cut>([
    { at: 'byte 0', answer: CHAT, events: 0, hold: 'held', observed: ['observed', 400, 0] },
    { at: 'after the first delta', answer: CHAT, events: 2, hold: 'held', observed: ['observed', 400, firstSeen] },
    { at: 'before usage', answer: CHAT, events: 4, hold: 'held', observed: ['observed', 400, seen] },
    { at: 'after usage', answer: CHAT, events: 5, hold: 'reported', observed: ['reported', 21, 17] },
    { at: 'after [DONE]', answer: CHAT, events: 6, hold: 'reported', observed: ['reported', 21, 17] },
    { at: 'byte 0', answer: MESSAGES, events: 0, hold: 'held', observed: ['observed', 400, 0] },
    { at: 'after the start', answer: MESSAGES, events: 1, hold: 'held', observed: ['observed', 21, 1] },
    { at: 'after the first delta', answer: MESSAGES, events: 2, hold: 'held', observed: ['observed', 21, firstSeen] },
    { at: 'before usage', answer: MESSAGES, events: 4, hold: 'held', observed: ['observed', 21, seen] },
    { at: 'between two usages', answer: MESSAGES, events: 5, hold: 'held', observed: ['observed', 21, 12] },
    { at: 'after usage', answer: MESSAGES, events: 6, hold: 'reported', observed: ['reported', 21, 17] },
    { at: 'after the stop', answer: MESSAGES, events: 7, hold: 'reported', observed: ['reported', 21, 17] },
    { at: 'byte 0', answer: RESPONSES, events: 0, hold: 'held', observed: ['observed', 400, 0] },
    { at: 'after the first delta', answer: RESPONSES, events: 2, hold: 'held', observed: ['observed', 400, firstSeen] },
    { at: 'before usage', answer: RESPONSES, events: 3, hold: 'held', observed: ['observed', 400, seen] },
    { at: 'after usage', answer: RESPONSES, events: 4, hold: 'reported', observed: ['reported', 21, 17] },
  ])('$at of $answer.operation', (cut) => {
    expect(charge(cut, 'hold').rule).toBe(cut.hold);
    const [rule, inputTokens, outputTokens] = cut.observed;
    expect(charge(cut, 'observed')).toMatchObject({
      rule,
      usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens },
    });
  });

  it('is charged a token for each event where a provider streams them so, and no more than was held', () => {
    const events = Array.from({ length: 50 }, () => dataEvent({ choices: [{ delta: { content: 'a' } }], usage: null }));
    const metered = meterEvents('chat', events, false);
    const end = { isCut: true, onDisconnect: 'observed' } as const;
    expect(chargeFor(metered, HELD, end)).toMatchObject({ usage: { outputTokens: 50 } });
    expect(chargeFor(metered, { inputTokens: 10, outputTokens: 20 }, end)).toMatchObject({ usage: { inputTokens: 4, outputTokens: 20 } });
  });

  it('is not excused by an end in order: without a report, what was held is charged', () => {
    const end = { isCut: false, onDisconnect: 'observed' } as const;
    expect(chargeFor(meterEvents('chat', CHAT.events.slice(0, 4)), HELD, end)).toEqual({ rule: 'held' });
    expect(chargeFor(meterEvents('messages', MESSAGES.events.slice(0, 4)), HELD, end)).toEqual({ rule: 'held' });
  });
});

describe('which report is the last word', () => {
  it('is the later one, never their sum', () => {
    const events = [usageChunk(3, [{}]), usageChunk(9, [{}])];
    expect(meterEvents('chat', events, false)).toMatchObject({ isFinal: false, usage: { outputTokens: 9 } });
    expect(meterEvents('chat', [...events, DONE], false)).toMatchObject({ isFinal: true, usage: { outputTokens: 9 } });
    expect(meterEvents('chat', events, true)).toMatchObject({ isFinal: true });
    expect(meterEvents('chat', [usageChunk(3), ...events], false).isFinal).toBe(false);
    const nested = dataEvent({ choices: [{}], x_groq: { usage: { prompt_tokens: 9, completion_tokens: 9 } } });
    expect(meterEvents('chat', [usageChunk(3), nested], false)).toMatchObject({ isFinal: true, usage: { outputTokens: 3 } });
  });

  it('takes input that a message_delta corrects, and keeps what it leaves out', () => {
    const [begin = ''] = MESSAGES.events;
    const delta = dataEvent({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn' },
      usage: { input_tokens: 30, cache_read_input_tokens: null, output_tokens: 2, server_tool_use: { web_search_requests: 4 } },
    });
    expect(meterEvents('messages', [begin, delta]).usage).toMatchObject({
      inputTokens: 41,
      outputTokens: 2,
      webSearches: 4,
      webFetches: 2,
    });
  });

  it('is not changed by events of Messages that are about something else', () => {
    const usage = { input_tokens: 900, output_tokens: 900 };
    const others = [{ type: 'ping', usage }, { type: 7, usage }, { usage }, { type: 'content_block_stop', message: { usage } }];
    const events = MESSAGES.events.flatMap((event) => [event, ...others.map(dataEvent)]);
    expect(meterEvents('messages', events).usage).toEqual(meterEvents('messages', MESSAGES.events).usage);
  });

  it.each(['response.incomplete', 'response.failed'])('is that of %s', (type) => {
    const response = { usage: { input_tokens: 1, output_tokens: 2 } };
    expect(meterEvents('responses', [dataEvent({ type, response })], false)).toMatchObject({ isFinal: true, usage: { totalTokens: 3 } });
    expect(meterEvents('responses', [dataEvent({ type, response: { usage: null } })]).usage).toBeUndefined();
    expect(meterEvents('responses', [dataEvent({ type: 'response.in_progress', response })]).usage).toBeUndefined();
    expect(meterEvents('responses', [dataEvent({ type, response: 7, usage: 1 })]).usage).toBeUndefined();
  });

  it('knows of none where an API does not stream, and of nothing owed where tokens are counted', () => {
    expect(meterEvents('embeddings', [usageChunk(1)]).usage).toBeUndefined();
    expect(meterEvents('count_tokens', [usageChunk(1)]).usage).toBeUndefined();
  });
});

describe('an event stream is read', () => {
  const text = CHAT.events.join('');
  const expected = meterEvents('chat', [text]);

  it.each([
    ['with CR LF', text.replaceAll('\n', '\r\n')],
    ['with CR', text.replaceAll('\n', '\r')],
    ['with a byte order mark', `\u{feff}${text}`],
    ['with comments and other fields', text.replaceAll('data: ', ': ping\nid: 7\nretry\ndata: ')],
    ['with comments between', text.replaceAll('\n\n', '\n\n: keep-alive\n\n\n')],
    ['without the space', text.replaceAll('data: ', 'data:')],
    ['with data in several lines', text.replaceAll('data: {', 'data: {\ndata:\ndata\ndata: ')],
    ['without its last blank line', text.slice(0, -1)],
    ['without its last line end', text.slice(0, -2)],
  ])('%s', (_how, form) => {
    expect(meterEvents('chat', [form])).toEqual(expected);
    expect(
      meterEvents(
        'chat',
        [...Buffer.from(form)].map((byte) => Uint8Array.of(byte)),
      ),
    ).toEqual(expected);
  });

  it.each([
    ['nothing', ''],
    ['a line that only begins like data', 'database: {"usage":1}\n\n'],
    ['a field with a space before the colon', `data : ${CHAT.events[4] ?? ''}`],
    ['JSON instead', JSON.stringify(CHAT.whole)],
  ])('and finds no usage in %s', (_what, form) => {
    expect(meterEvents('chat', [form])).toMatchObject({ usage: undefined, isFinal: false });
  });

  const overlong = dataEvent({ choices: [{ delta: { content: 'x'.repeat(eventBytesMax) } }] });

  it('without what is longer than a megabyte, which makes earlier figures doubtful and later ones count', () => {
    expect(meterEvents('chat', [usageChunk(3), overlong])).toMatchObject({ usage: undefined });
    expect(meterEvents('chat', [overlong, usageChunk(3), DONE])).toMatchObject({ usage: { outputTokens: 3 }, isFinal: true });
    expect(meterEvents('chat', [overlong.slice(0, -2), overlong.slice(-2), usageChunk(3)]).usage?.outputTokens).toBe(3);
    expect(meterEvents('chat', [usageChunk(3), overlong.slice(0, 9), overlong.slice(9)]).usage).toBeUndefined();
    expect(meterEvents('chat', [usageChunk(3), overlong.slice(0, -2)]).usage).toBeUndefined();
  });

  it('that comes byte by byte', () => {
    const long = dataEvent({ choices: [{ delta: { content: 'x'.repeat(2_000) } }] });
    expect(
      meterEvents(
        'chat',
        [...Buffer.from(long)].map((byte) => Uint8Array.of(byte)),
      ).observed.textBytes,
    ).toBe(2_000);
  });

  it('of 10 MB in one line in little time and memory', () => {
    const piece = Buffer.alloc(65_536, 0x78);
    const pieces = [Buffer.from('data: {"choices":"'), ...Array.from({ length: 160 }, () => piece)];
    const before = process.memoryUsage().arrayBuffers;
    expect(meterPieces({ operation: 'chat', form: 'events' }, pieces).usage).toBeUndefined();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1_048_576);
  });
});

const bytes = (operation: Answer['operation'], data: string): number => meterEvents(operation, [dataEvent(data)]).observed.textBytes;

it('text is counted by UTF-8 bytes, escapes resolved, and not where data is no text', () => {
  expect(bytes('chat', '{"choices":[{"delta":{"content" : "a\\n\\"\\u00e9é"}}]}')).toBe(7);
  expect(bytes('chat', '{"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{}"}}]}}]}')).toBe(2);
  expect(bytes('chat', '{"choices":[{"delta":{"content":null},"logprobs":{"content":[{"token":"abc"}]}}]}')).toBe(0);
  expect(bytes('chat', '{"content')).toBe(0);
  expect(bytes('chat', '{"content"')).toBe(0);
  expect(bytes('chat', '{"content":"ab')).toBe(2);
  expect(bytes('responses', '{"type":"response.audio.delta","delta":"AAAA"}')).toBe(0);
  expect(bytes('responses', '{"type":"response.function_call_arguments.delta","delta":"{}"}')).toBe(2);
  expect(bytes('messages', '{"type":"content_block_start","content_block":{"type":"mcp_tool_result","content":[{"text":"abc"}]}}')).toBe(0);
  expect(bytes('messages', '{"type":"content_block_delta","delta":{"type":"thinking","thinking":"ab"}}')).toBe(2);
});
