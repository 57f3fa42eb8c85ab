import { must } from '../../../core/assert.ts';
import type { Channel } from './channel.ts';

/** An event of an API whose events are named. */
export interface NamedEvent {
  readonly type: string;
  readonly [member: string]: unknown;
}

const callDelta = (index: number, call: object): object => ({ tool_calls: [{ index, ...call }] });

/** A piece of a chat's choice. */
export function chatDelta({ inner, field }: Channel, text: string): object {
  switch (field) {
    case 'arguments':
      return callDelta(inner, { function: { arguments: text } });
    case 'input':
      return callDelta(inner, { custom: { input: text } });
    case 'function_call':
      return { function_call: { arguments: text } };
    case 'transcript':
      return { audio: { transcript: text } };
    case 'thought':
      return { content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }] };
    case 'detail':
      return { reasoning_details: [{ type: 'reasoning.text', index: inner, text }] };
    case 'detail_summary':
      return { reasoning_details: [{ type: 'reasoning.summary', index: inner, summary: text }] };
    default:
      return { [field]: text };
  }
}

/** A piece of a message's block. */
export const blockDelta = ({ field }: Channel, text: string): object =>
  field === 'partial_json' ? { type: 'input_json_delta', partial_json: text } : { type: 'text_delta', text };

interface ResponseField {
  readonly type: string;
  /** What the inner index is called; undefined without one. */
  readonly index: string | undefined;
  readonly hasItem: boolean;
}

const field = (type: string, index?: string, hasItem = true): ResponseField => ({ type: `response.${type}.delta`, index, hasItem });

const RESPONSE_FIELDS: ReadonlyMap<string, ResponseField> = new Map([
  ['text', field('output_text', 'content_index')],
  ['refusal', field('refusal', 'content_index')],
  ['reasoning', field('reasoning_text', 'content_index')],
  ['summary', field('reasoning_summary_text', 'summary_index')],
  ['arguments', field('function_call_arguments')],
  ['mcp_arguments', field('mcp_call_arguments')],
  ['input', field('custom_tool_call_input')],
  ['code', field('code_interpreter_call_code')],
  ['command', field('shell_call_command', 'command_index', false)],
  ['stdout', field('shell_call_output_content', 'command_index')],
  ['stderr', field('shell_call_output_content', 'command_index')],
]);

const TRANSCRIPT = 'response.audio.transcript.delta';

/** A piece of a response's text, without its number. `itemId` is undefined where no event has told it. */
export function responseDelta(channel: Channel, text: string, itemId: string | undefined): NamedEvent {
  if (channel.field === 'transcript') {
    return delta(TRANSCRIPT, { delta: text });
  }
  const known = RESPONSE_FIELDS.get(channel.field);
  must(known !== undefined, 'a response streams the fields of its events');
  const { type, index, hasItem } = known;
  return delta(type, {
    ...(hasItem && itemId !== undefined ? { item_id: itemId } : {}),
    output_index: channel.outer,
    ...(index === undefined ? {} : { [index]: channel.inner }),
    delta: channel.field.startsWith('std') ? { [channel.field]: text } : text,
    ...(channel.field === 'text' ? { logprobs: [] } : {}),
  });
}

const delta = (type: string, members: object): NamedEvent => ({ type, ...members });
