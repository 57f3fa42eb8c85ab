import { z } from 'zod';
import { dataEvent, eventStream, json, type Answer, type Call } from './provider-answer.ts';
import { openAiHeaders, openAiRefusals } from './openai-refusals.ts';
import { operation } from './provider-operation.ts';
import { contentSchema, contentText, countTokens, pieces, reply, replyTokens, type Reply, type Turn } from './provider-reply.ts';

const choicesMax = 8;
const named = z.looseObject({ name: z.string() });

const chatSchema = z.looseObject({
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.string(), content: contentSchema })).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: z.int().positive().nullish(),
  max_completion_tokens: z.int().positive().nullish(),
  n: z.int().positive().max(choicesMax).nullish(),
  tools: z.array(z.looseObject({ function: named.optional() })).nullish(),
  tool_choice: z.union([z.enum(['auto', 'none', 'required']), z.looseObject({ function: named })]).nullish(),
});
type Chat = z.infer<typeof chatSchema>;

export const chat = operation(chatSchema, openAiRefusals, (body, call) => {
  const answer = reply(turnOf(body));
  return body.stream === true ? streamed(body, answer, call) : whole(body, answer, call);
});

function turnOf(body: Chat): Turn {
  const last = body.messages.findLast((message) => message.role === 'user' || message.role === 'tool');
  const { tool_choice: choice } = body;
  return {
    said: contentText(last?.content),
    by: last?.role === 'tool' ? 'tool' : 'user',
    tools: (body.tools ?? []).flatMap((tool) => (tool.function === undefined ? [] : [tool.function.name])),
    choice: typeof choice === 'object' && choice !== null ? { kind: 'named', name: choice.function.name } : { kind: choice ?? 'auto' },
    tokensMax: body.max_completion_tokens ?? body.max_tokens ?? undefined,
  };
}

const choiceIndexes = (body: Chat): readonly number[] => Array.from({ length: body.n ?? 1 }, (_, index) => index);

function usageOf(body: Chat, answer: Reply): object {
  const prompt = countTokens(body.messages.map((message) => contentText(message.content)).join(''));
  const completion = replyTokens(answer) * (body.n ?? 1);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  };
}

function finishReason(answer: Reply): string {
  if (answer.kind === 'call') {
    return 'tool_calls';
  }
  return answer.cut ? 'length' : 'stop';
}

function whole(body: Chat, answer: Reply, call: Call): Answer {
  const message =
    answer.kind === 'text'
      ? { role: 'assistant', content: answer.text, refusal: null, annotations: [] }
      : {
          role: 'assistant',
          content: null,
          refusal: null,
          tool_calls: [{ id: `call_${call.id}`, type: 'function', function: { name: answer.name, arguments: answer.argumentsJson } }],
        };
  return json(
    200,
    {
      id: `chatcmpl-${call.id}`,
      object: 'chat.completion',
      created: call.createdS,
      model: body.model,
      choices: choiceIndexes(body).map((index) => ({ index, message, logprobs: null, finish_reason: finishReason(answer) })),
      usage: usageOf(body, answer),
      service_tier: 'default',
      system_fingerprint: 'fp_local',
    },
    openAiHeaders(call),
  );
}

function streamed(body: Chat, answer: Reply, call: Call): Answer {
  const withUsage = body.stream_options?.include_usage === true;
  const chunk = (choices: readonly object[], usage: object | null): string =>
    dataEvent({
      id: `chatcmpl-${call.id}`,
      object: 'chat.completion.chunk',
      created: call.createdS,
      model: body.model,
      service_tier: 'default',
      system_fingerprint: 'fp_local',
      choices,
      ...(withUsage ? { usage } : {}),
    });
  const choiceChunks = choiceIndexes(body).flatMap((index) => [
    ...deltas(answer, call).map((delta) => chunk([{ index, delta, logprobs: null, finish_reason: null }], null)),
    chunk([{ index, delta: {}, logprobs: null, finish_reason: finishReason(answer) }], null),
  ]);
  const usage = withUsage ? [chunk([], usageOf(body, answer))] : [];
  return eventStream([...choiceChunks, ...usage, 'data: [DONE]\n\n'], openAiHeaders(call));
}

function deltas(answer: Reply, call: Call): readonly object[] {
  if (answer.kind === 'text') {
    return [{ role: 'assistant', content: '', refusal: null }, ...pieces(answer.text).map((content) => ({ content }))];
  }
  const opening = { index: 0, id: `call_${call.id}`, type: 'function', function: { name: answer.name, arguments: '' } };
  return [
    { role: 'assistant', content: null, tool_calls: [opening] },
    ...pieces(answer.argumentsJson).map((piece) => ({ tool_calls: [{ index: 0, function: { arguments: piece } }] })),
  ];
}
