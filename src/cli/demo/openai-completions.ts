import { z } from 'zod';
import { dataEvent, eventStream, json } from './provider-answer.ts';
import { openAiHeaders, openAiRefusals } from './openai-refusals.ts';
import { operation } from './provider-operation.ts';
import { countTokens, pieces, sayBack } from './provider-reply.ts';

const completionSchema = z.looseObject({
  model: z.string(),
  prompt: z.union([z.string(), z.array(z.string()).min(1)]),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: z.int().positive().nullish(),
});

export const completions = operation(completionSchema, openAiRefusals, (body, call) => {
  const prompts = typeof body.prompt === 'string' ? [body.prompt] : body.prompt;
  const answers = prompts.map((prompt) => sayBack(`You said: ${prompt}`, body.max_tokens ?? undefined));
  const promptTokens = countTokens(prompts.join(''));
  const completionTokens = countTokens(answers.map((answer) => answer.text).join(''));
  const usage = { prompt_tokens: promptTokens, completion_tokens: completionTokens, total_tokens: promptTokens + completionTokens };
  const shared = { id: `cmpl-${call.id}`, object: 'text_completion', created: call.createdS, model: body.model };

  if (body.stream !== true) {
    const choices = answers.map((answer, index) => choice(index, answer.text, finishOf(answer.cut)));
    return json(200, { ...shared, choices, usage }, openAiHeaders(call));
  }
  const withUsage = body.stream_options?.include_usage === true;
  const chunk = (choices: readonly object[], figures: object | null): string =>
    dataEvent({ ...shared, choices, ...(withUsage ? { usage: figures } : {}) });
  const events = answers.flatMap((answer, index) => [
    ...pieces(answer.text).map((piece) => chunk([choice(index, piece, null)], null)),
    chunk([choice(index, '', finishOf(answer.cut))], null),
  ]);
  return eventStream([...events, ...(withUsage ? [chunk([], usage)] : []), 'data: [DONE]\n\n'], openAiHeaders(call));
});

function choice(index: number, text: string, finish: string | null): object {
  return { text, index, logprobs: null, finish_reason: finish };
}

const finishOf = (cut: boolean): string => (cut ? 'length' : 'stop');
