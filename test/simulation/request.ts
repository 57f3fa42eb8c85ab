import { z } from 'zod';
import { must } from '../../src/core/assert.ts';
import { ENDPOINTS, type Endpoint } from '../../src/core/operation.ts';
import type { DecisionSettings } from '../../src/pipeline/ports.ts';
import type { Random } from './random.ts';
import { MODELS } from './world.ts';

/** What a client sends. */
export interface DrawnRequest {
  readonly endpoint: Endpoint;
  readonly bytes: Buffer;
}

const OPENAI = ['chat', 'chat', 'responses'] as const;
const capName = { chat: 'max_completion_tokens', responses: 'max_output_tokens', messages: 'max_tokens' } as const;

type Drawn = keyof typeof capName;

/** Mostly one that the model offers. */
function drawOperation(random: Random, model: string, { models, providers }: DecisionSettings): Drawn {
  const [target] = models.get(model)?.targets ?? [];
  const isAnthropic = providers.get(target?.provider ?? '')?.api === 'anthropic';
  return isAnthropic || random.chance(0.03) ? 'messages' : random.pick(OPENAI);
}

export function drawRequest(random: Random, settings: DecisionSettings): DrawnRequest {
  const model = random.pick(MODELS);
  const operation = drawOperation(random, model, settings);
  const text = 'word '.repeat(random.between(1, 80));
  const body = {
    model,
    ...(operation === 'responses' ? { input: text } : { messages: [{ role: 'user', content: text }] }),
    ...(operation === 'messages' || random.chance(0.5) ? { [capName[operation]]: random.between(1, 300) } : {}),
    ...drawForm(random, operation),
  };
  const endpoint = ENDPOINTS.find((each) => each.operation === operation);
  must(endpoint !== undefined, 'every operation has an endpoint');
  return { endpoint, bytes: Buffer.from(JSON.stringify(body)) };
}

/** How the answer is to come. */
function drawForm(random: Random, operation: Drawn): object {
  const isChat = operation === 'chat';
  const choices = isChat && random.chance(0.2) ? { n: random.between(2, 3) } : {};
  if (random.chance(0.5)) {
    return choices;
  }
  return { ...choices, stream: true, ...(isChat && random.chance(0.3) ? { stream_options: { include_usage: true } } : {}) };
}

/** What a provider reads of the body that it gets. */
const received = z.object({
  stream: z.boolean().default(false),
  n: z.int().default(1),
  max_tokens: z.int().optional(),
  max_completion_tokens: z.int().optional(),
  max_output_tokens: z.int().optional(),
  stream_options: z.object({ include_usage: z.boolean().default(false) }).optional(),
});

/** A request as its provider understands it. */
export interface ReceivedRequest {
  readonly isStream: boolean;
  /** True where a stream ends with its usage. */
  readonly tellsUsage: boolean;
  readonly bytes: number;
  /** Of all choices together; undefined where nothing caps them. */
  readonly outputTokensMax: number | undefined;
}

export function receive(body: Buffer): ReceivedRequest {
  const asked = received.parse(JSON.parse(body.toString('utf8')));
  const cap = asked.max_completion_tokens ?? asked.max_tokens ?? asked.max_output_tokens;
  return {
    isStream: asked.stream,
    tellsUsage: asked.stream_options?.include_usage ?? false,
    bytes: body.length,
    outputTokensMax: cap === undefined ? undefined : cap * asked.n,
  };
}
