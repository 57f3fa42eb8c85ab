import { ITEM_RULE } from './responses-items.ts';
import { ANNOTATION, PART, SHELL_OUTPUT } from './responses-parts.ts';
import { RESPONSE } from './responses-shapes.ts';
import { DATA, LOGPROBS, TEXT, from, ids, jsonField, listOf, object, scalars, textField, unreadable } from './rule.ts';
import type { Members, Rule } from './rule.ts';
import { eventRule } from './typed-event.ts';
import type { EventRule } from './typed-event.ts';

type Events = readonly (readonly [string, EventRule])[];

const PLACE: Members = {
  ...ids('item_id', 'obfuscation', 'stream_id', 'status'),
  ...scalars('sequence_number', 'output_index', 'content_index', 'summary_index', 'command_index', 'annotation_index'),
};

const OUTPUT = ['output_index'];
const CONTENT = ['output_index', 'content_index'];
const SUMMARY = ['output_index', 'summary_index'];
const COMMAND = ['output_index', 'command_index'];

/** Pieces of one text, and the event that repeats it. `name` is the member of the latter. */
function text(type: string, name: string, rule: Rule, keys: readonly string[], more: Members = {}): Events {
  return [
    eventRule(`${type}.delta`, { ...PLACE, ...more, delta: rule }, { part: 'delta', keys }),
    eventRule(`${type}.done`, { ...PLACE, ...more, [name]: rule }, { closing: 'scope', keys }),
  ];
}

/** A text of a message may begin in the event that opens its part. */
const part = (type: string, keys: readonly string[]): Events => [
  eventRule(`${type}.added`, { ...PLACE, part: PART }, { part: 'delta', keys }),
  eventRule(`${type}.done`, { ...PLACE, part: PART }, { closing: 'scope', keys }),
];

const ITEM: Members = { ...PLACE, item: ITEM_RULE };

const progress = (tool: string, ...steps: readonly string[]): Events => steps.map((step) => eventRule(`response.${tool}.${step}`, PLACE));

const response = (state: string, more: { readonly closing?: 'all' } = {}): readonly [string, EventRule] =>
  eventRule(`response.${state}`, { ...PLACE, response: RESPONSE }, more);

const TEXTS: Events = [
  ...text('response.output_text', 'text', textField('text'), CONTENT, { logprobs: LOGPROBS }),
  ...text('response.refusal', 'refusal', textField('refusal'), CONTENT),
  ...text('response.reasoning_text', 'text', textField('reasoning'), CONTENT),
  ...text('response.reasoning_summary_text', 'text', textField('summary'), SUMMARY),
  ...text('response.function_call_arguments', 'arguments', jsonField('arguments'), OUTPUT, { name: TEXT }),
  ...text('response.mcp_call_arguments', 'arguments', jsonField('mcp_arguments'), OUTPUT),
  ...text('response.custom_tool_call_input', 'input', textField('input'), OUTPUT),
  ...text('response.code_interpreter_call_code', 'code', textField('code'), OUTPUT),
  ...text('response.shell_call_command', 'command', textField('command'), COMMAND),
  ...text('response.audio.transcript', 'transcript', textField('transcript'), []),
];

const SHELL_PIECE = object({ stdout: textField('stdout'), stderr: textField('stderr') });

const SHELL: Events = [
  eventRule('response.shell_call_command.added', { ...PLACE, command: textField('command') }, { part: 'delta', keys: COMMAND }),
  eventRule('response.shell_call_output_content.delta', { ...PLACE, delta: SHELL_PIECE }, { part: 'delta', keys: COMMAND }),
  eventRule(
    'response.shell_call_output_content.done',
    { ...PLACE, output: from('tool', listOf(SHELL_OUTPUT)) },
    { closing: 'scope', keys: COMMAND },
  ),
];

const FAILURE: Members = {
  code: from('error', TEXT),
  message: from('error', TEXT),
  param: from('error', TEXT),
  error: from('error', DATA),
};

/** All events of a streamed response. The text of an item may begin in the event that opens it. */
export const RESPONSES_EVENTS: ReadonlyMap<string, EventRule> = new Map([
  response('created'),
  response('queued'),
  response('in_progress'),
  response('completed', { closing: 'all' }),
  response('incomplete', { closing: 'all' }),
  response('failed', { closing: 'all' }),
  eventRule('response.output_item.added', ITEM, { part: 'delta', keys: OUTPUT }),
  eventRule('response.output_item.done', ITEM, { closing: 'scope', keys: OUTPUT }),
  ...part('response.content_part', CONTENT),
  ...part('response.reasoning_summary_part', SUMMARY),
  ...TEXTS,
  ...SHELL,
  eventRule('response.output_text.annotation.added', { ...PLACE, annotation: ANNOTATION }),
  eventRule('response.audio.delta', { ...PLACE, delta: unreadable('audio') }),
  eventRule('response.audio.done', PLACE),
  ...progress('code_interpreter_call', 'in_progress', 'interpreting', 'completed'),
  ...progress('file_search_call', 'in_progress', 'searching', 'completed'),
  ...progress('web_search_call', 'in_progress', 'searching', 'completed'),
  ...progress('image_generation_call', 'in_progress', 'generating', 'completed'),
  ...progress('mcp_call', 'in_progress', 'completed', 'failed'),
  ...progress('mcp_list_tools', 'in_progress', 'completed', 'failed'),
  ...progress('compaction', 'compacting'),
  eventRule('response.image_generation_call.partial_image', {
    ...PLACE,
    ...scalars('partial_image_index'),
    ...ids('background', 'output_format', 'quality', 'size'),
    partial_image_b64: unreadable('image'),
  }),
  eventRule('error', { ...PLACE, ...FAILURE }, { closing: 'all' }),
]);
