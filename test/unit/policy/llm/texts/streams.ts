const named = (event: { readonly type: string; readonly [member: string]: unknown }): string =>
  `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

const chunk = (choices: readonly object[], usage: object | null = null): string =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices, usage })}\n\n`;
const chatCall = (index: number, text: string, name?: string): object => ({
  tool_calls: [{ index, ...(name === undefined ? {} : { id: `call_${name}`, type: 'function' }), function: { name, arguments: text } }],
});
export const CHAT_STREAM = [
  chunk([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]),
  chunk([{ index: 1, delta: { role: 'assistant', content: 'other ' }, finish_reason: null }]),
  chunk([{ index: 0, delta: { content: 'hello ' }, finish_reason: null }]),
  chunk([{ index: 0, delta: { content: 'world' }, finish_reason: null }]),
  chunk([{ index: 0, delta: chatCall(0, '{"a":', 'x'), finish_reason: null }]),
  chunk([{ index: 0, delta: chatCall(1, '{"b":', 'y'), finish_reason: null }]),
  chunk([{ index: 0, delta: chatCall(0, '"first"}'), finish_reason: null }]),
  chunk([{ index: 0, delta: chatCall(1, '"second"}'), finish_reason: null }]),
  chunk([{ index: 0, delta: {}, finish_reason: 'tool_calls' }]),
  chunk([{ index: 1, delta: { content: 'choice' }, finish_reason: 'stop' }]),
  chunk([], { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }),
  'data: [DONE]\n\n',
].join('');

const usage = { input_tokens: 1, output_tokens: 1 };
const piece = (index: number, delta: object): string => named({ type: 'content_block_delta', index, delta });
export const MESSAGE_STREAM = [
  named({
    type: 'message_start',
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage,
    },
  }),
  named({ type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } }),
  piece(0, { type: 'thinking_delta', thinking: 'a thought' }),
  piece(0, { type: 'signature_delta', signature: 'c2ln' }),
  named({ type: 'content_block_stop', index: 0 }),
  named({ type: 'content_block_start', index: 1, content_block: { type: 'text', text: '', citations: null } }),
  named({ type: 'ping' }),
  piece(1, { type: 'text_delta', text: 'hello ' }),
  piece(1, { type: 'text_delta', text: 'world' }),
  named({ type: 'content_block_stop', index: 1 }),
  named({ type: 'content_block_start', index: 2, content_block: { type: 'tool_use', id: 'toolu_1', name: 'x', input: {} } }),
  piece(2, { type: 'input_json_delta', partial_json: '{"a":' }),
  piece(2, { type: 'input_json_delta', partial_json: '"first"}' }),
  named({ type: 'content_block_stop', index: 2 }),
  named({ type: 'message_delta', delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: { output_tokens: 9 } }),
  named({ type: 'message_stop' }),
].join('');

const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
const part = (text: string): object => ({ type: 'output_text', text, annotations: [] });
const item = (status: string, content: readonly object[]): object => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  status,
  content,
});
const call = (status: string, text: string): object => ({
  id: 'fc_1',
  type: 'function_call',
  call_id: 'call_1',
  name: 'x',
  status,
  arguments: text,
});
const response = (status: string, output: readonly object[]): object => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  status,
  model: 'm',
  output,
});
const args = '{"a":"first"}';
const events = [
  { type: 'response.created', response: response('in_progress', []) },
  { type: 'response.output_item.added', output_index: 0, item: item('in_progress', []) },
  { type: 'response.content_part.added', ...place, part: part('') },
  { type: 'response.output_text.delta', ...place, delta: 'hello ', logprobs: [] },
  { type: 'response.output_text.delta', ...place, delta: 'world', logprobs: [] },
  { type: 'response.output_text.done', ...place, text: 'hello world', logprobs: [] },
  { type: 'response.content_part.done', ...place, part: part('hello world') },
  { type: 'response.output_item.done', output_index: 0, item: item('completed', [part('hello world')]) },
  { type: 'response.output_item.added', output_index: 1, item: call('in_progress', '') },
  { type: 'response.function_call_arguments.delta', item_id: 'fc_1', output_index: 1, delta: args.slice(0, 5) },
  { type: 'response.function_call_arguments.delta', item_id: 'fc_1', output_index: 1, delta: args.slice(5) },
  { type: 'response.function_call_arguments.done', item_id: 'fc_1', output_index: 1, arguments: args },
  { type: 'response.output_item.done', output_index: 1, item: call('completed', args) },
  { type: 'response.completed', response: response('completed', [item('completed', [part('hello world')]), call('completed', args)]) },
];
export const RESPONSE_STREAM = events.map((event, index) => named({ ...event, sequence_number: index })).join('');
export const RESPONSE_EVENTS = events.length;
