import { z } from 'zod';
import { anthropicHeaders, anthropicRefusals } from './anthropic-refusals.ts';
import { eventStream, json, namedEvent, type Answer, type Call } from './provider-answer.ts';
import { operation } from './provider-operation.ts';
import { contentSchema, contentText, countTokens, pieces, reply, replyTokens, type Reply, type Turn } from './provider-reply.ts';

const block = z.looseObject({ type: z.string(), text: z.string().optional(), content: contentSchema });

const promptShape = {
  model: z.string(),
  messages: z
    .array(z.looseObject({ role: z.enum(['user', 'assistant', 'system']), content: z.union([z.string(), z.array(block)]) }))
    .min(1),
  system: contentSchema,
  tools: z.array(z.looseObject({ name: z.string() })).nullish(),
};
const countSchema = z.looseObject(promptShape);
const messageSchema = z.looseObject({
  ...promptShape,
  max_tokens: z.int().positive(),
  stream: z.boolean().nullish(),
  tool_choice: z.looseObject({ type: z.enum(['auto', 'none', 'any', 'tool']), name: z.string().optional() }).nullish(),
});
type Prompt = z.infer<typeof countSchema>;
type Body = z.infer<typeof messageSchema>;

export const messages = operation(messageSchema, anthropicRefusals, (body, call) => {
  const answer = reply(turnOf(body));
  return body.stream === true ? streamed(body, answer, call) : json(200, whole(body, answer, call), anthropicHeaders(call));
});

export const countMessageTokens = operation(countSchema, anthropicRefusals, (body, call) =>
  json(200, { input_tokens: inputTokens(body) }, anthropicHeaders(call)),
);

function turnOf(body: Body): Turn {
  const content = body.messages.findLast((entry) => entry.role === 'user')?.content ?? '';
  const result = typeof content === 'string' ? undefined : content.findLast((part) => part.type === 'tool_result');
  return {
    said: result === undefined ? contentText(content) : contentText(result.content),
    by: result === undefined ? 'user' : 'tool',
    tools: (body.tools ?? []).map((tool) => tool.name),
    choice: choiceOf(body),
    tokensMax: body.max_tokens,
  };
}

function choiceOf(body: Body): Turn['choice'] {
  const { type = 'auto', name } = body.tool_choice ?? {};
  if (type === 'tool' && name !== undefined) {
    return { kind: 'named', name };
  }
  return { kind: type === 'any' || type === 'tool' ? 'required' : type };
}

function inputTokens(body: Prompt): number {
  const said = body.messages.flatMap(({ content }) =>
    typeof content === 'string' ? [content] : content.map((entry) => (entry.text ?? '') + contentText(entry.content)),
  );
  return countTokens(contentText(body.system) + said.join(''));
}

function stopReason(answer: Reply): string {
  if (answer.kind === 'call') {
    return 'tool_use';
  }
  return answer.cut ? 'max_tokens' : 'end_turn';
}

function usage(input: number, output: number): object {
  return {
    input_tokens: input,
    cache_creation: null,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: output,
    output_tokens_details: null,
    server_tool_use: null,
    service_tier: 'standard',
  };
}

function whole(body: Body, answer: Reply, call: Call): object {
  const content = answer.kind === 'text' ? textBlock(answer.text) : toolUse(answer, call, { said: turnOf(body).said });
  return message(body, call, { content: [content], stop_reason: stopReason(answer), usage: usage(inputTokens(body), replyTokens(answer)) });
}

function message(
  body: Body,
  call: Call,
  state: { readonly content: readonly object[]; readonly stop_reason: string | null; readonly usage: object },
): object {
  return {
    id: `msg_${call.id}`,
    type: 'message',
    role: 'assistant',
    model: body.model,
    container: null,
    diagnostics: null,
    stop_details: null,
    stop_sequence: null,
    ...state,
  };
}

const textBlock = (text: string): object => ({ type: 'text', text, citations: null });

function toolUse(answer: Extract<Reply, { kind: 'call' }>, call: Call, input: object): object {
  return { type: 'tool_use', id: `toolu_${call.id}`, name: answer.name, input, caller: { type: 'direct' } };
}

function streamed(body: Body, answer: Reply, call: Call): Answer {
  const started = message(body, call, { content: [], stop_reason: null, usage: usage(inputTokens(body), 1) });
  const deltas =
    answer.kind === 'text'
      ? pieces(answer.text).map((text) => ({ type: 'text_delta', text }))
      : pieces(answer.argumentsJson).map((partial) => ({ type: 'input_json_delta', partial_json: partial }));
  const events = [
    { type: 'message_start', message: started },
    { type: 'content_block_start', index: 0, content_block: answer.kind === 'text' ? textBlock('') : toolUse(answer, call, {}) },
    { type: 'ping' },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index: 0, delta })),
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: stopReason(answer), stop_sequence: null, stop_details: null, container: null },
      usage: { output_tokens: replyTokens(answer) },
    },
    { type: 'message_stop' },
  ];
  return eventStream(events.map(namedEvent), anthropicHeaders(call));
}
