import type { BodyOperation } from '../../src/policy/llm/fields.ts';

/** The texts of one answer: those of two choices or blocks, and the arguments of two calls. */
export interface AnswerTexts {
  readonly texts: readonly [string, string];
  readonly calls: readonly [string, string];
}

export type StreamingOperation = Extract<BodyOperation, 'chat' | 'completions' | 'messages' | 'responses'>;
export const STREAMING: readonly StreamingOperation[] = ['chat', 'completions', 'messages', 'responses'];

interface Named {
  readonly type: string;
  readonly [member: string]: unknown;
}
const named = (event: Named): string => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
const plain = (event: object): string => `data: ${JSON.stringify(event)}\n\n`;

/** Pieces of a text, of these sizes in UTF-16 units again and again: like some providers, without sparing what has two. */
function cut(text: string, sizes: readonly number[]): readonly string[] {
  const pieces: string[] = [];
  for (let at = 0, index = 0; at < text.length; index += 1) {
    const size = Math.max(1, sizes[index % sizes.length] ?? 1);
    pieces.push(text.slice(at, at + size));
    at += size;
  }
  return pieces;
}

/** One of each in turn, until all are used up. */
function interleave<Item>(lists: readonly (readonly Item[])[]): readonly Item[] {
  const longest = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => list.slice(index, index + 1))).flat();
}

const chatChunk = (choices: readonly object[]): string =>
  plain({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices });
const chatChoice = (index: number, delta: object, end: string | null = null): string => chatChunk([{ index, delta, finish_reason: end }]);
const chatCall = (index: number, text: string): object => ({ tool_calls: [{ index, function: { arguments: text } }] });

function chatStream({ texts, calls }: AnswerTexts, sizes: readonly number[]): readonly string[] {
  return [
    chatChoice(0, { role: 'assistant', content: '' }),
    ...interleave([
      ...texts.map((text, index) => cut(text, sizes).map((content) => chatChoice(index, { content }))),
      ...calls.map((text, index) => cut(text, sizes).map((piece) => chatChoice(0, chatCall(index, piece)))),
    ]),
    chatChoice(0, {}, 'tool_calls'),
    chatChoice(1, {}, 'stop'),
    plain({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage: { prompt_tokens: 1, total_tokens: 1 } }),
    'data: [DONE]\n\n',
  ];
}

const completionChunk = (index: number, text: string, end: string | null): string =>
  plain({ id: 'c', object: 'text_completion', created: 1, model: 'm', choices: [{ index, text, logprobs: null, finish_reason: end }] });

function completionStream({ texts }: AnswerTexts, sizes: readonly number[]): readonly string[] {
  return [
    ...interleave(texts.map((text, index) => cut(text, sizes).map((piece) => completionChunk(index, piece, null)))),
    ...texts.map((_, index) => completionChunk(index, '', 'stop')),
    'data: [DONE]\n\n',
  ];
}

function messageStream({ texts, calls }: AnswerTexts, sizes: readonly number[]): readonly string[] {
  const block = (index: number, start: object, deltas: readonly object[]): readonly string[] => [
    named({ type: 'content_block_start', index, content_block: start }),
    ...deltas.map((delta) => named({ type: 'content_block_delta', index, delta })),
    named({ type: 'content_block_stop', index }),
  ];
  const message = { id: 'msg', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null, usage: { input_tokens: 1 } };
  return [
    named({ type: 'message_start', message }),
    ...texts.flatMap((text, index) =>
      block(
        index,
        { type: 'text', text: '' },
        cut(text, sizes).map((piece) => ({ type: 'text_delta', text: piece })),
      ),
    ),
    ...calls.flatMap((text, index) =>
      block(
        index + 2,
        { type: 'tool_use', id: 'toolu_1', name: 'x', input: {} },
        cut(text, sizes).map((piece) => ({ type: 'input_json_delta', partial_json: piece })),
      ),
    ),
    named({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } }),
    named({ type: 'message_stop' }),
  ];
}

const part = (text: string): object => ({ type: 'output_text', text, annotations: [] });
const item = (index: number): string => `item_${String(index)}`;

const responseMessage = (index: number, text: string): object => ({
  id: item(index),
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [part(text)],
});
const responseCall = (index: number, text: string): object => ({
  id: item(index),
  type: 'function_call',
  call_id: 'call_1',
  name: 'x',
  status: 'completed',
  arguments: text,
});

function responseStream({ texts, calls }: AnswerTexts, sizes: readonly number[]): readonly string[] {
  const output = [
    ...texts.map((text, index) => responseMessage(index, text)),
    ...calls.map((text, index) => responseCall(index + 2, text)),
  ];
  const events: readonly Named[] = [
    ...texts.flatMap((text, index) => {
      const place = { item_id: item(index), output_index: index, content_index: 0 };
      return [
        ...cut(text, sizes).map((delta) => ({ type: 'response.output_text.delta', ...place, delta, logprobs: [] })),
        { type: 'response.output_text.done', ...place, text, logprobs: [] },
        { type: 'response.output_item.done', output_index: index, item: responseMessage(index, text) },
      ];
    }),
    ...calls.flatMap((text, number) => {
      const place = { item_id: item(number + 2), output_index: number + 2 };
      return [
        ...cut(text, sizes).map((delta) => ({ type: 'response.function_call_arguments.delta', ...place, delta })),
        { type: 'response.function_call_arguments.done', ...place, arguments: text },
      ];
    }),
    { type: 'response.completed', response: { id: 'resp', object: 'response', created_at: 1, status: 'completed', model: 'm', output } },
  ];
  return events.map((event, index) => named({ ...event, sequence_number: index }));
}

const MAKERS: Readonly<Record<StreamingOperation, (texts: AnswerTexts, sizes: readonly number[]) => readonly string[]>> = {
  chat: chatStream,
  completions: completionStream,
  messages: messageStream,
  responses: responseStream,
};

/** The events of a streamed answer with these texts, each text in pieces of these sizes. */
export const madeStream = (operation: StreamingOperation, texts: AnswerTexts, sizes: readonly number[]): readonly string[] =>
  MAKERS[operation](texts, sizes);
