import { text, unread } from './canary.ts';
import { messageAnswer, modelBlocks } from './anthropic-samples.ts';
import { completionAnswer, openaiError } from './openai-answers.ts';
import { modelItems, outputText, response } from './responses-samples.ts';

const chunk = (choices: readonly object[]): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1_732_222_222,
  model: 'gpt-4o',
  obfuscation: 'aB3',
  choices,
  usage: null,
});

const token = (): object => ({ token: text('assistant', 'logprobs'), logprob: -1, top_logprobs: [] });

export const chatEvents = (): readonly object[] => [
  chunk([
    {
      index: 0,
      delta: {
        role: 'assistant',
        content: text('assistant'),
        refusal: text('assistant'),
        reasoning_content: text('assistant'),
        reasoning: text('assistant'),
        tool_calls: [
          { index: 0, id: 'call_1', type: 'function', function: { name: text('assistant'), arguments: text('assistant', 'json') } },
          { index: 1, id: 'call_2', type: 'custom', custom: { name: text('assistant'), input: text('assistant') } },
        ],
        function_call: { name: text('assistant'), arguments: text('assistant', 'json') },
        audio: { id: 'audio_1', data: unread('audio'), transcript: text('assistant') },
        annotations: [{ type: 'url_citation', url_citation: { title: text('assistant'), url: text('assistant') } }],
      },
      logprobs: { content: [token()] },
      finish_reason: null,
    },
    {
      index: 1,
      delta: {
        content: [
          { type: 'text', text: text('assistant') },
          { type: 'thinking', thinking: [{ type: 'text', text: text('assistant') }], closed: true },
          { type: 'thinking', thinking: text('assistant') },
        ],
        reasoning_details: [
          { type: 'reasoning.text', index: 0, id: 'r_1', format: 'v1', text: text('assistant'), signature: text('assistant', 'signed') },
          { type: 'reasoning.summary', index: 1, summary: text('assistant') },
          { type: 'reasoning.encrypted', index: 2, data: unread('encrypted') },
        ],
      },
    },
  ]),
  openaiError(),
];

export const completionEvents = (): readonly object[] => [completionAnswer(), openaiError()];

const event = (type: string, members: object): object => ({ type, sequence_number: 12_345, item_id: 'msg_1', output_index: 0, ...members });

const pieces = (type: string, name: string, canary: () => unknown, place: object = {}): readonly object[] => [
  event(`response.${type}.delta`, { ...place, delta: canary(), obfuscation: 'aB3' }),
  event(`response.${type}.done`, { ...place, [name]: canary() }),
];

const said = (): string => text('assistant');
const asJson = (): string => text('assistant', 'json');
const content = { content_index: 0 };

export const responsesEvents = (): readonly object[] => [
  ...['created', 'queued', 'in_progress', 'completed', 'incomplete', 'failed'].map((state) =>
    event(`response.${state}`, { response: response() }),
  ),
  ...modelItems().flatMap((item) => [event('response.output_item.added', { item })]),
  ...modelItems().flatMap((item) => [event('response.output_item.done', { item })]),
  event('response.content_part.added', { ...content, part: outputText() }),
  event('response.content_part.done', { ...content, part: outputText() }),
  event('response.reasoning_summary_part.added', { summary_index: 0, part: { type: 'summary_text', text: said() } }),
  event('response.reasoning_summary_part.done', { summary_index: 0, part: { type: 'summary_text', text: said() } }),
  ...pieces('output_text', 'text', said, content),
  event('response.output_text.delta', { ...content, delta: said(), logprobs: [token()] }),
  ...pieces('refusal', 'refusal', said, content),
  ...pieces('reasoning_text', 'text', said, content),
  ...pieces('reasoning_summary_text', 'text', said, { summary_index: 0 }),
  ...pieces('function_call_arguments', 'arguments', asJson),
  event('response.function_call_arguments.done', { arguments: asJson(), name: said() }),
  ...pieces('mcp_call_arguments', 'arguments', asJson),
  ...pieces('custom_tool_call_input', 'input', said),
  ...pieces('code_interpreter_call_code', 'code', said),
  ...pieces('shell_call_command', 'command', said, { command_index: 0 }),
  event('response.shell_call_command.added', { command_index: 0, command: said() }),
  event('response.shell_call_output_content.delta', { command_index: 0, delta: { stdout: said(), stderr: said() } }),
  event('response.shell_call_output_content.done', {
    command_index: 0,
    output: [{ outcome: { type: 'timeout' }, stdout: text('tool'), stderr: text('tool') }],
  }),
  event('response.output_text.annotation.added', {
    ...content,
    annotation_index: 0,
    annotation: { type: 'url_citation', title: said(), url: said(), start_index: 0, end_index: 1 },
  }),
  event('response.audio.delta', { delta: unread('audio') }),
  ...pieces('audio.transcript', 'transcript', said),
  event('response.image_generation_call.partial_image', { partial_image_b64: unread('image'), partial_image_index: 0, size: '1024x1024' }),
  event('response.web_search_call.searching', {}),
  { type: 'error', code: text('error'), message: text('error'), param: null, sequence_number: 3 },
  { type: 'error', ...openaiError() },
];

const block = (delta: object): object => ({ type: 'content_block_delta', index: 0, delta });

export const messageEvents = (): readonly object[] => [
  { type: 'message_start', message: messageAnswer() },
  ...modelBlocks().map((content_block, index) => ({ type: 'content_block_start', index, content_block })),
  block({ type: 'text_delta', text: said() }),
  block({ type: 'input_json_delta', partial_json: asJson() }),
  block({ type: 'thinking_delta', thinking: text('assistant', 'signed') }),
  block({ type: 'signature_delta', signature: text('assistant', 'signed') }),
  block({ type: 'citations_delta', citation: { type: 'page_location', cited_text: said(), document_title: said(), document_index: 0 } }),
  block({ type: 'compaction_delta', content: text('assistant', 'signed'), encrypted_content: unread('encrypted') }),
  { type: 'content_block_stop', index: 0 },
  { type: 'ping' },
  {
    type: 'message_delta',
    delta: { stop_reason: 'stop_sequence', stop_sequence: said(), stop_details: null, container: null },
    usage: { output_tokens: 12_345 },
  },
  { type: 'message_stop' },
  { type: 'error', ...openaiError(), request_id: 'req_1' },
];
