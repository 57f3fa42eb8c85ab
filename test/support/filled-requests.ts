import { Buffer } from 'node:buffer';
import { must } from '../../src/core/assert.ts';
import type { BodyOperation } from '../../src/policy/llm/fields.ts';
import { messagesRequest } from '../unit/policy/llm/texts/anthropic-samples.ts';
import { chatRequest, chatStrings, completionsRequest, embeddingsRequest } from '../unit/policy/llm/texts/openai-requests.ts';
import { responsesReplay, responsesRequest } from '../unit/policy/llm/texts/responses-samples.ts';

/** A request of each shape, with canaries in the place of its texts. */
export const requestSamples: readonly (readonly [operation: BodyOperation, name: string, sample: () => object])[] = [
  ['chat', 'all fields', chatRequest],
  ['chat', 'strings', chatStrings],
  ['completions', 'all fields', completionsRequest],
  ['embeddings', 'all fields', embeddingsRequest],
  ['responses', 'all fields', responsesRequest],
  ['responses', 'earlier items', responsesReplay],
  ['messages', 'all fields', messagesRequest],
  ['count_tokens', 'all fields', messagesRequest],
];

/** The sample with other texts where its canaries are, but for those that are signed or cannot be read. */
export function filled(sample: object, texts: readonly string[], jsons: readonly string[]): Buffer {
  let at = 0;
  const next = (from: readonly string[]): string => JSON.stringify(from[(at += 1) % from.length]);
  const written = JSON.stringify(sample)
    .replaceAll(/"\{\\"city\\":\\"§\w+§json§\d+§\\"\}"/g, () => next(jsons))
    .replaceAll(/"§\w+§(?:text|key)§\d+§"/g, () => next(texts));
  must(at > 0, 'a sample has texts');
  return Buffer.from(written);
}
