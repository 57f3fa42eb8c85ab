import { elementsOf, membersOf } from '../../json/children.ts';
import { figuresOf } from './figures.ts';
import type { Figures } from './figures.ts';
import { NO_USAGE, UNUSABLE, reported } from './usage.ts';
import type { Report } from './usage.ts';

/** The figures of one `usage` object; undefined = not in it. Input that was cached lies outside `input`. */
export interface AnthropicCounts {
  readonly input: number | undefined;
  readonly cacheRead: number | undefined;
  readonly cacheWrite: number | undefined;
  readonly cacheWrite1h: number | undefined;
  readonly output: number | undefined;
  readonly thinking: number | undefined;
  readonly webSearches: number | undefined;
  readonly webFetches: number | undefined;
  /** Of the summing up of a long conversation, which the figures above do not have. */
  readonly compactionInput: number;
  readonly compactionOutput: number;
  readonly model: string | undefined;
  readonly serviceTier: string | undefined;
  readonly speed: string | undefined;
  readonly inferenceGeo: string | undefined;
}

const COUNTED = ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens', 'output_tokens'] as const;

function readWrites(usage: Figures): Pick<AnthropicCounts, 'cacheWrite' | 'cacheWrite1h'> {
  const kept = usage.inside('cache_creation');
  const hour = kept.count('ephemeral_1h_input_tokens');
  const parts = (kept.count('ephemeral_5m_input_tokens') ?? 0) + (hour ?? 0);
  const whole = usage.count('cache_creation_input_tokens');
  return { cacheWrite: whole === undefined && parts === 0 ? undefined : Math.max(whole ?? 0, parts), cacheWrite1h: hour };
}

/** Iterations of the type `compaction` are billed beside the sums; all others are in them. */
function readCompactions(bytes: Uint8Array, usage: Figures): Pick<AnthropicCounts, 'compactionInput' | 'compactionOutput'> {
  const iterations = usage.elements('iterations');
  let compactionInput = 0;
  let compactionOutput = 0;
  for (const iteration of iterations === undefined ? [] : elementsOf(bytes, iterations)) {
    const figures = figuresOf(bytes, iteration.type === 'object' ? membersOf(bytes, iteration) : []);
    if (figures.word('type') === 'compaction') {
      compactionInput += (figures.count('input_tokens') ?? 0) + (figures.count('cache_read_input_tokens') ?? 0);
      compactionInput += figures.count('cache_creation_input_tokens') ?? 0;
      compactionOutput += figures.count('output_tokens') ?? 0;
    }
  }
  return { compactionInput, compactionOutput };
}

/** Reads the `usage` of a message, or of a `message_delta`. Undefined where a figure is there and is none. */
export function readAnthropicCounts(bytes: Uint8Array, message: Figures): AnthropicCounts | undefined {
  const usage = message.inside('usage');
  if (COUNTED.some((name) => usage.isWrong(name))) {
    return undefined;
  }
  const tools = usage.inside('server_tool_use');
  return {
    input: usage.count('input_tokens'),
    cacheRead: usage.count('cache_read_input_tokens'),
    ...readWrites(usage),
    output: usage.count('output_tokens'),
    thinking: usage.inside('output_tokens_details').count('thinking_tokens'),
    webSearches: tools.count('web_search_requests'),
    webFetches: tools.count('web_fetch_requests'),
    ...readCompactions(bytes, usage),
    model: message.word('model'),
    serviceTier: usage.word('service_tier'),
    speed: usage.word('speed'),
    inferenceGeo: usage.word('inference_geo'),
  };
}

/** The figures after a `message_delta`, which are cumulative: the later ones count, and what it does not name stays. */
export function laterCounts(earlier: AnthropicCounts, delta: AnthropicCounts): AnthropicCounts {
  return {
    input: delta.input ?? earlier.input,
    cacheRead: delta.cacheRead ?? earlier.cacheRead,
    cacheWrite: delta.cacheWrite ?? earlier.cacheWrite,
    cacheWrite1h: delta.cacheWrite1h ?? earlier.cacheWrite1h,
    // The output of `message_start` is a placeholder: it must not pass for a figure.
    output: delta.output,
    thinking: delta.thinking ?? earlier.thinking,
    webSearches: delta.webSearches ?? earlier.webSearches,
    webFetches: delta.webFetches ?? earlier.webFetches,
    compactionInput: Math.max(delta.compactionInput, earlier.compactionInput),
    compactionOutput: Math.max(delta.compactionOutput, earlier.compactionOutput),
    model: earlier.model,
    serviceTier: delta.serviceTier ?? earlier.serviceTier,
    speed: delta.speed ?? earlier.speed,
    inferenceGeo: delta.inferenceGeo ?? earlier.inferenceGeo,
  };
}

/** Unusable without an input or an output. */
export function reportCounts(counts: AnthropicCounts): Report {
  const { input, output, cacheRead = 0, cacheWrite = 0 } = counts;
  if (input === undefined || output === undefined) {
    return UNUSABLE;
  }
  const outputTokens = output + counts.compactionOutput;
  return reported({
    ...NO_USAGE,
    inputTokens: input + cacheRead + cacheWrite + counts.compactionInput,
    outputTokens,
    cacheReadTokens: cacheRead,
    cacheWriteTokens: cacheWrite,
    cacheWrite1hTokens: Math.min(cacheWrite, counts.cacheWrite1h ?? 0),
    reasoningTokens: Math.min(outputTokens, counts.thinking ?? 0),
    webSearches: counts.webSearches ?? 0,
    webFetches: counts.webFetches ?? 0,
    model: counts.model,
    serviceTier: counts.serviceTier,
    speed: counts.speed,
    inferenceGeo: counts.inferenceGeo,
  });
}
