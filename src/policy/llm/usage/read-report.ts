import type { Member } from '../../json/document.ts';
import type { BodyOperation } from '../fields.ts';
import { readAnthropicCounts, reportCounts } from './anthropic-usage.ts';
import { figuresOf } from './figures.ts';
import type { Figures } from './figures.ts';
import { readChatUsage, readEmbeddingsUsage, readResponsesUsage } from './openai-usage.ts';
import { NONE, NO_USAGE, UNUSABLE } from './usage.ts';
import type { Report } from './usage.ts';

type Read = (bytes: Uint8Array, answer: Figures) => Report;

const readMessage: Read = (bytes, answer) => {
  const counts = readAnthropicCounts(bytes, answer);
  return counts === undefined ? UNUSABLE : reportCounts(counts);
};

const READERS: Readonly<Record<Exclude<BodyOperation, 'count_tokens'>, Read>> = {
  chat: (_bytes, answer) => readChatUsage(answer),
  completions: (_bytes, answer) => readChatUsage(answer),
  embeddings: (_bytes, answer) => readEmbeddingsUsage(answer),
  responses: (_bytes, answer) => readResponsesUsage(answer),
  messages: readMessage,
};

/** What the object that these are the members of (a whole answer, a chunk with usage, the `response` of an event) reports. */
export function readReport(operation: BodyOperation, bytes: Uint8Array, members: readonly Member[]): Report {
  if (operation === 'count_tokens') {
    return { kind: 'reported', usage: NO_USAGE };
  }
  const usage = members.find((member) => member.key === 'usage');
  if (usage === undefined || usage.type === 'null') {
    return NONE;
  }
  return usage.type === 'object' ? READERS[operation](bytes, figuresOf(bytes, members)) : UNUSABLE;
}
