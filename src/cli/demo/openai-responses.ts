import { z } from 'zod';
import { eventStream, json, namedEvent, type Answer, type Call } from './provider-answer.ts';
import { openAiHeaders, openAiRefusals } from './openai-refusals.ts';
import { operation } from './provider-operation.ts';
import { contentSchema, contentText, countTokens, pieces, reply, replyTokens, type Reply, type Turn } from './provider-reply.ts';

const item = z.looseObject({
  type: z.string().optional(),
  role: z.string().optional(),
  content: contentSchema,
  output: contentSchema,
});

const responseSchema = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(item).min(1)]),
  instructions: z.string().nullish(),
  stream: z.boolean().nullish(),
  max_output_tokens: z.int().positive().nullish(),
  tools: z.array(z.looseObject({ type: z.string(), name: z.string().optional() })).nullish(),
  tool_choice: z.union([z.enum(['auto', 'none', 'required']), z.looseObject({ name: z.string() })]).nullish(),
});
type Body = z.infer<typeof responseSchema>;

export const responses = operation(responseSchema, openAiRefusals, (body, call) => {
  const answer = reply(turnOf(body));
  return body.stream === true ? streamed(body, answer, call) : json(200, finished(body, answer, call), openAiHeaders(call));
});

function turnOf(body: Body): Turn {
  const items = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : body.input;
  const last = items.findLast((entry) => entry.role === 'user' || entry.type === 'function_call_output');
  const byTool = last?.type === 'function_call_output';
  const { tool_choice: choice } = body;
  return {
    said: contentText(byTool ? last.output : last?.content),
    by: byTool ? 'tool' : 'user',
    tools: (body.tools ?? []).flatMap((tool) => (tool.type === 'function' && tool.name !== undefined ? [tool.name] : [])),
    choice: typeof choice === 'object' && choice !== null ? { kind: 'named', name: choice.name } : { kind: choice ?? 'auto' },
    tokensMax: body.max_output_tokens ?? undefined,
  };
}

type Item = Readonly<Record<string, unknown>>;

function outputItem(answer: Reply, call: Call, state: { readonly status: string; readonly filled: boolean }): Item {
  if (answer.kind === 'call') {
    const filled = state.filled ? answer.argumentsJson : '';
    return {
      id: `fc_${call.id}`,
      type: 'function_call',
      status: state.status,
      name: answer.name,
      call_id: `call_${call.id}`,
      arguments: filled,
    };
  }
  const content = state.filled ? [outputText(answer.text)] : [];
  return { id: `msg_${call.id}`, type: 'message', status: state.status, role: 'assistant', content };
}

const outputText = (text: string): Item => ({ type: 'output_text', annotations: [], logprobs: [], text });

function response(body: Body, call: Call, state: Item): Item {
  return {
    id: `resp_${call.id}`,
    object: 'response',
    created_at: call.createdS,
    background: false,
    error: null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    metadata: {},
    model: body.model,
    parallel_tool_calls: true,
    previous_response_id: null,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_p: 1,
    truncation: 'disabled',
    ...state,
  };
}

function finished(body: Body, answer: Reply, call: Call): Item {
  const cut = answer.kind === 'text' && answer.cut;
  const inputTokens = countTokens((body.instructions ?? '') + inputText(body));
  const outputTokens = replyTokens(answer);
  return response(body, call, {
    status: cut ? 'incomplete' : 'completed',
    incomplete_details: cut ? { reason: 'max_output_tokens' } : null,
    output: [outputItem(answer, call, { status: cut ? 'incomplete' : 'completed', filled: true })],
    usage: {
      input_tokens: inputTokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: outputTokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: inputTokens + outputTokens,
    },
  });
}

function inputText(body: Body): string {
  const items = typeof body.input === 'string' ? [{ content: body.input }] : body.input;
  return items.map((entry) => contentText(entry.content)).join('');
}

function streamed(body: Body, answer: Reply, call: Call): Answer {
  const running = response(body, call, { status: 'in_progress', incomplete_details: null, output: [], usage: null });
  const done = finished(body, answer, call);
  const cut = answer.kind === 'text' && answer.cut;
  const events: readonly TypedEvent[] = [
    { type: 'response.created', response: running },
    { type: 'response.in_progress', response: running },
    { type: 'response.output_item.added', output_index: 0, item: outputItem(answer, call, { status: 'in_progress', filled: false }) },
    ...(answer.kind === 'text' ? textEvents(answer.text, call) : callEvents(answer, call)),
    {
      type: 'response.output_item.done',
      output_index: 0,
      item: outputItem(answer, call, { status: cut ? 'incomplete' : 'completed', filled: true }),
    },
    { type: cut ? 'response.incomplete' : 'response.completed', response: done },
  ];
  return eventStream(
    events.map((event, index) => numbered(event, index)),
    openAiHeaders(call),
  );
}

function numbered(event: TypedEvent, index: number): string {
  const data: TypedEvent = { ...event, sequence_number: index };
  return namedEvent(data);
}

interface TypedEvent extends Item {
  readonly type: string;
}

function textEvents(text: string, call: Call): readonly TypedEvent[] {
  const place = { item_id: `msg_${call.id}`, output_index: 0, content_index: 0 };
  return [
    { type: 'response.content_part.added', ...place, part: outputText('') },
    ...pieces(text).map((delta) => ({ type: 'response.output_text.delta', ...place, delta, logprobs: [] })),
    { type: 'response.output_text.done', ...place, text, logprobs: [] },
    { type: 'response.content_part.done', ...place, part: outputText(text) },
  ];
}

function callEvents(answer: Extract<Reply, { kind: 'call' }>, call: Call): readonly TypedEvent[] {
  const place = { item_id: `fc_${call.id}`, output_index: 0 };
  return [
    ...pieces(answer.argumentsJson).map((delta) => ({ type: 'response.function_call_arguments.delta', ...place, delta })),
    { type: 'response.function_call_arguments.done', ...place, name: answer.name, arguments: answer.argumentsJson },
  ];
}
