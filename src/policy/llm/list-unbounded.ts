import type { Member } from '../json/document.ts';
import type { BodyOperation } from './fields.ts';
import { holdsTextOnly } from './text-only.ts';
import type { Unbounded, UnboundedList } from './unbounded.ts';
import { noteElements } from './unbounded-content.ts';
import { noteField } from './unbounded-fields.ts';

/** Where each API keeps the conversation. */
const CONVERSATIONS: Readonly<Record<BodyOperation, readonly string[]>> = {
  chat: ['messages'],
  completions: [],
  embeddings: [],
  responses: ['input', 'instructions'],
  messages: ['messages', 'system'],
  count_tokens: [],
};

/**
 * What a request holds beside text that its bytes bound and an answer that its cap bounds. `list` has its tools already. Counting tokens
 * costs nothing, so a request for that has none.
 */
export function listUnbounded(
  bytes: Uint8Array,
  operation: BodyOperation,
  found: ReadonlyMap<string, Member>,
  list: UnboundedList,
): readonly Unbounded[] {
  if (operation === 'count_tokens') {
    return [];
  }
  for (const member of found.values()) {
    noteField(list, bytes, operation, member);
  }
  for (const field of CONVERSATIONS[operation]) {
    const conversation = found.get(field);
    // Elements of `messages` are messages, never parts: without a list or an object inside they are text.
    if (conversation !== undefined && !(field === 'messages' && holdsTextOnly(bytes, conversation))) {
      noteElements(list, bytes, conversation);
    }
  }
  return [...list.items.values()];
}
