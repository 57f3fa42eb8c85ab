import type { Figures } from './figures.ts';
import { NO_USAGE, UNUSABLE, reported } from './usage.ts';
import type { Report } from './usage.ts';

/** How one of OpenAI's APIs names its figures. */
interface Names {
  readonly input: string;
  readonly output: string;
  readonly inputDetails: string;
  readonly outputDetails: string;
}

const CHAT: Names = {
  input: 'prompt_tokens',
  output: 'completion_tokens',
  inputDetails: 'prompt_tokens_details',
  outputDetails: 'completion_tokens_details',
};

const RESPONSES: Names = {
  input: 'input_tokens',
  output: 'output_tokens',
  inputDetails: 'input_tokens_details',
  outputDetails: 'output_tokens_details',
};

/** A part of a whole: never more than it. */
const partOf = (whole: number, part: number | undefined): number => Math.min(whole, part ?? 0);

/** `answer` is the object that has `usage` as a member. Cached and written tokens lie inside the input, thoughts inside the output. */
function readNamed(answer: Figures, names: Names, outputMissing: number | undefined): Report {
  const usage = answer.inside('usage');
  const inputTokens = usage.count(names.input);
  const output = usage.count(names.output) ?? (usage.isWrong(names.output) ? undefined : outputMissing);
  if (inputTokens === undefined || output === undefined) {
    return UNUSABLE;
  }
  // Some servers count hidden thoughts in the total alone.
  const outputTokens = Math.max(output, (usage.count('total_tokens') ?? 0) - inputTokens);
  const inputDetails = usage.inside(names.inputDetails);
  const outputDetails = usage.inside(names.outputDetails);
  const cacheReadTokens = partOf(inputTokens, inputDetails.count('cached_tokens'));
  return reported({
    ...NO_USAGE,
    inputTokens,
    outputTokens,
    cacheReadTokens,
    cacheWriteTokens: partOf(inputTokens - cacheReadTokens, inputDetails.count('cache_write_tokens')),
    audioInputTokens: partOf(inputTokens, inputDetails.count('audio_tokens')),
    reasoningTokens: partOf(outputTokens, outputDetails.count('reasoning_tokens')),
    audioOutputTokens: partOf(outputTokens, outputDetails.count('audio_tokens')),
    webSearches: answer.inside('tool_usage').inside('web_search').count('num_requests') ?? 0,
    model: answer.word('model'),
    serviceTier: answer.word('service_tier'),
  });
}

export const readChatUsage = (answer: Figures): Report => readNamed(answer, CHAT, undefined);

/** Embeddings have no output. */
export const readEmbeddingsUsage = (answer: Figures): Report => readNamed(answer, CHAT, 0);

export const readResponsesUsage = (answer: Figures): Report => readNamed(answer, RESPONSES, undefined);
