import { createHash } from 'node:crypto';
import { z } from 'zod';
import { json } from './provider-answer.ts';
import { openAiHeaders, openAiRefusals } from './openai-refusals.ts';
import { operation } from './provider-operation.ts';
import { countTokens } from './provider-reply.ts';

const dimensionsDefault = 1_536;
const dimensionsMax = 3_072;
const tokens = z.array(z.int().nonnegative()).min(1);

const embeddingSchema = z.looseObject({
  model: z.string(),
  input: z.union([z.string().min(1), z.array(z.string().min(1)).min(1), tokens, z.array(tokens).min(1)]),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.int().positive().max(dimensionsMax).nullish(),
});
type Input = z.infer<typeof embeddingSchema>['input'];

export const embeddings = operation(embeddingSchema, openAiRefusals, (body, call) => {
  const entries = entriesOf(body.input);
  const data = entries.map((entry, index) => {
    const vector = embed(entry.text, body.dimensions ?? dimensionsDefault);
    return { object: 'embedding', index, embedding: body.encoding_format === 'base64' ? toBase64(vector) : Array.from(vector) };
  });
  const promptTokens = entries.reduce((sum, entry) => sum + entry.tokens, 0);
  return json(
    200,
    { object: 'list', data, model: body.model, usage: { prompt_tokens: promptTokens, total_tokens: promptTokens } },
    openAiHeaders(call),
  );
});

interface Entry {
  readonly text: string;
  readonly tokens: number;
}

function entriesOf(input: Input): readonly Entry[] {
  if (typeof input === 'string') {
    return [{ text: input, tokens: countTokens(input) }];
  }
  const list = input.every((entry) => typeof entry === 'number') ? [input] : input;
  return list.map((entry) =>
    typeof entry === 'string'
      ? { text: entry, tokens: countTokens(entry) }
      : { text: String(entry), tokens: Array.isArray(entry) ? entry.length : 1 },
  );
}

/** A unit vector that depends on the text alone: a generator seeded by its hash. */
function embed(text: string, dimensions: number): Float32Array {
  let state = createHash('sha256').update(text).digest().readUInt32LE(0);
  const vector = Float32Array.from({ length: dimensions }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0xffff_ffff - 0.5;
  });
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

/** Little-endian 32-bit floats, as the API has it. */
function toBase64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * Float32Array.BYTES_PER_ELEMENT);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * Float32Array.BYTES_PER_ELEMENT));
  return bytes.toString('base64');
}
