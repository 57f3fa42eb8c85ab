import { never } from '../../../core/assert.ts';
import type { Member } from '../../json/document.ts';
import type { BodyOperation } from '../fields.ts';
import { readAnthropicCounts, reportCounts } from './anthropic-usage.ts';
import { figuresOf } from './figures.ts';
import { readChatUsage, readEmbeddingsUsage, readResponsesUsage } from './openai-usage.ts';
import { NONE, NO_USAGE, UNUSABLE } from './usage.ts';
import type { Report } from './usage.ts';

function readUsage(operation: BodyOperation, bytes: Uint8Array, members: readonly Member[]): Report {
  const answer = figuresOf(bytes, members);
  switch (operation) {
    case 'chat':
    case 'completions':
      return readChatUsage(answer);
    case 'embeddings':
      return readEmbeddingsUsage(answer);
    case 'responses':
      return readResponsesUsage(answer);
    case 'messages': {
      const counts = readAnthropicCounts(bytes, answer);
      return counts === undefined ? UNUSABLE : reportCounts(counts);
    }
    case 'count_tokens':
      return { kind: 'reported', usage: NO_USAGE };
    default:
      return never(operation);
  }
}

/** What the object that these are the members of (a whole answer, a chunk with usage, the `response` of an event) reports. */
export function readReport(operation: BodyOperation, bytes: Uint8Array, members: readonly Member[]): Report {
  const usage = members.find((member) => member.key === 'usage');
  if (operation !== 'count_tokens' && (usage === undefined || usage.type === 'null')) {
    return NONE;
  }
  return usage?.type === 'object' || operation === 'count_tokens' ? readUsage(operation, bytes, members) : UNUSABLE;
}
