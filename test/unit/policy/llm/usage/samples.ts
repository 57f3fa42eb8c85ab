import { Buffer } from 'node:buffer';
import type { BodyOperation } from '../../../../../src/policy/llm/fields.ts';
import { stripUsage } from '../../../../../src/policy/llm/strip-usage.ts';
import { walkEvent } from '../../../../../src/policy/llm/usage/event-walk.ts';
import { openMeter } from '../../../../../src/policy/llm/usage/meter.ts';
import type { Metered } from '../../../../../src/policy/llm/usage/metered.ts';
import { TEXT_NAMES } from '../../../../../src/policy/llm/usage/observed-text.ts';
import { dataOf } from '../../../../../src/policy/llm/usage/sse-data.ts';

/** What one request would be answered with, whole and streamed. */
export interface Answer {
  readonly operation: BodyOperation;
  readonly whole: object;
  /** One event each; the first carries text, the last but one the usage where `[DONE]` follows. */
  readonly events: readonly string[];
  /** Tokens of input, and of output, that both report. */
  readonly tokens: readonly [number, number];
}

export const dataEvent = (data: object | string): string => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
const namedEvent = (data: { readonly type: string; readonly [member: string]: unknown }): string =>
  `event: ${data.type}\n${dataEvent(data)}`;

export const TEXT = 'Grüß Gott, "Welt"!\n\u{1f600}';

const CHAT_USAGE = {
  prompt_tokens: 21,
  completion_tokens: 17,
  total_tokens: 38,
  prompt_tokens_details: { cached_tokens: 8, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 5, audio_tokens: 0 },
};
const chunk = (choices: readonly object[], usage: object | null): string =>
  dataEvent({ id: 'c', object: 'chat.completion.chunk', model: 'served', service_tier: 'default', choices, usage });

export const CHAT: Answer = {
  operation: 'chat',
  whole: {
    id: 'c',
    model: 'served',
    choices: [{ index: 0, message: { role: 'assistant', content: TEXT, refusal: null }, finish_reason: 'stop' }],
    usage: CHAT_USAGE,
    service_tier: 'default',
  },
  events: [
    chunk([{ index: 0, delta: { role: 'assistant', content: '' } }], null),
    chunk([{ index: 0, delta: { content: TEXT.slice(0, 9) } }], null),
    chunk([{ index: 0, delta: { content: TEXT.slice(9) } }], null),
    chunk([{ index: 0, delta: {}, finish_reason: 'stop' }], null),
    chunk([], CHAT_USAGE),
    'data: [DONE]\n\n',
  ],
  tokens: [21, 17],
};

const MESSAGE_USAGE = {
  input_tokens: 10,
  cache_creation_input_tokens: 7,
  cache_read_input_tokens: 4,
  cache_creation: { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: 2 },
  server_tool_use: { web_search_requests: 1, web_fetch_requests: 2 },
  service_tier: 'priority',
  speed: 'fast',
};
const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'served' };

export const MESSAGES: Answer = {
  operation: 'messages',
  whole: {
    ...message,
    content: [{ type: 'text', text: TEXT }],
    usage: { ...MESSAGE_USAGE, output_tokens: 17, output_tokens_details: { thinking_tokens: 5 } },
  },
  events: [
    namedEvent({ type: 'message_start', message: { ...message, content: [], usage: { ...MESSAGE_USAGE, output_tokens: 1 } } }),
    namedEvent({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: TEXT.slice(0, 9) } }),
    namedEvent({ type: 'ping' }),
    namedEvent({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: TEXT.slice(9) } }),
    namedEvent({ type: 'message_delta', delta: { stop_reason: null }, usage: { output_tokens: 12 } }),
    namedEvent({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn' },
      usage: { output_tokens: 17, output_tokens_details: { thinking_tokens: 5 } },
    }),
    namedEvent({ type: 'message_stop' }),
  ],
  tokens: [21, 17],
};

const RESPONSE = {
  id: 'resp_1',
  model: 'served',
  service_tier: 'default',
  instructions: 'x'.repeat(5_000),
  output: [{ type: 'message', content: [{ type: 'output_text', text: TEXT }] }],
  tool_usage: { web_search: { num_requests: 3 } },
};
const RESPONSE_USAGE = {
  input_tokens: 21,
  input_tokens_details: { cached_tokens: 8 },
  output_tokens: 17,
  output_tokens_details: { reasoning_tokens: 5 },
  total_tokens: 38,
};

export const RESPONSES: Answer = {
  operation: 'responses',
  whole: { ...RESPONSE, usage: RESPONSE_USAGE },
  events: [
    namedEvent({ type: 'response.created', response: { ...RESPONSE, output: [], usage: null } }),
    namedEvent({ type: 'response.output_text.delta', delta: TEXT.slice(0, 9) }),
    namedEvent({ type: 'response.output_text.delta', delta: TEXT.slice(9) }),
    namedEvent({ type: 'response.completed', response: { ...RESPONSE, usage: RESPONSE_USAGE } }),
  ],
  tokens: [21, 17],
};

export const COMPLETIONS: Answer = {
  operation: 'completions',
  whole: { model: 'served', choices: [{ text: TEXT, index: 0 }], usage: CHAT_USAGE },
  events: [
    dataEvent({ model: 'served', choices: [{ text: TEXT.slice(0, 9) }], usage: null }),
    dataEvent({ model: 'served', choices: [{ text: TEXT.slice(9) }], usage: null }),
    dataEvent({ model: 'served', choices: [], usage: CHAT_USAGE }),
    'data: [DONE]\n\n',
  ],
  tokens: [21, 17],
};

export const ANSWERS: readonly Answer[] = [CHAT, MESSAGES, RESPONSES, COMPLETIONS];

/** Meters these pieces of a body. */
export function meterPieces(
  subject: { readonly operation: BodyOperation; readonly form: 'json' | 'events'; readonly echoes?: boolean },
  pieces: readonly (string | Uint8Array)[],
  isWhole = true,
): Metered {
  const meter = openMeter({ echoes: false, ...subject });
  for (const piece of pieces) {
    meter.push(typeof piece === 'string' ? Buffer.from(piece) : piece);
  }
  return meter.read(isWhole);
}

export const meterEvents = (operation: BodyOperation, events: readonly (string | Uint8Array)[], isWhole = true): Metered =>
  meterPieces({ operation, form: 'events' }, events, isWhole);

export const meterJson = (operation: BodyOperation, body: object | string): Metered =>
  meterPieces({ operation, form: 'json' }, [typeof body === 'string' ? body : JSON.stringify(body)]);

/** What a client gets of one event that has not asked for usage. */
export function stripEvent(event: string | Uint8Array): Buffer {
  const block = Buffer.from(event);
  const data = dataOf(block);
  return data === undefined ? block : stripUsage(block, data, walkEvent(data.bytes, TEXT_NAMES.chat));
}
