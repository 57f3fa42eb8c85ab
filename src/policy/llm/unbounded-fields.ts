import { elementsOf, everyElement, membersOf } from '../json/children.ts';
import type { Member } from '../json/document.ts';
import { readString } from '../json/read.ts';
import type { BodyOperation } from './fields.ts';
import { foldName } from './forbidden-fields.ts';
import { noteUnbounded } from './unbounded.ts';
import type { UnboundedKind, UnboundedList } from './unbounded.ts';

/** Fields of the providers' own APIs and of gateways and servers that imitate them (OpenRouter, xAI, Qwen, vLLM, llama.cpp, LiteLLM, …). */
const FIELD_KINDS: ReadonlyMap<string, UnboundedKind> = new Map([
  // The provider reads what an earlier request left there.
  ['previous_response_id', 'state'],
  ['conversation', 'state'],
  ['thread', 'state'],
  // Text that does not stand in the request.
  ['chat_template', 'template'],
  // Work beside the answer.
  ['web_search_options', 'tool'],
  ['search_parameters', 'tool'],
  ['enable_search', 'tool'],
  ['plugins', 'tool'],
  ['mcp_servers', 'tool'],
  ['container', 'tool'],
  ['compaction', 'tool'],
  ['moderation', 'tool'],
  // Tokens of a prediction that come to nothing are billed as output, and the API takes no cap beside one.
  ['prediction', 'output'],
  ['audio', 'output'],
  // Other names of the cap or of the choices, which some servers prefer to those that were read.
  ['max_completion_tokens', 'output'],
  ['max_output_tokens', 'output'],
  ['max_tokens', 'output'],
  ['max_new_tokens', 'output'],
  ['max_tokens_to_sample', 'output'],
  ['max_length', 'output'],
  ['n_predict', 'output'],
  ['num_predict', 'output'],
  ['auto_max_new_tokens', 'output'],
  ['maxoutputtokens', 'output'],
  ['generation_config', 'output'],
  ['generationconfig', 'output'],
  ['options', 'output'],
  ['n', 'output'],
  ['n_cmpl', 'output'],
  ['best_of', 'output'],
  ['num_return_sequences', 'output'],
  ['candidate_count', 'output'],
  ['candidatecount', 'output'],
  // More prompts beside those that were counted.
  ['prompt_embeds', 'output'],
]);

/** Of these names, the ones that an operation reads itself. */
const OWN_FIELDS: Readonly<Record<BodyOperation, ReadonlySet<string>>> = {
  chat: new Set(['max_completion_tokens', 'max_tokens', 'n']),
  completions: new Set(['max_tokens', 'n', 'best_of']),
  embeddings: new Set(),
  responses: new Set(['max_output_tokens']),
  messages: new Set(['max_tokens']),
  count_tokens: new Set(),
};

const isEmpty = (bytes: Uint8Array, member: Member): boolean =>
  member.type === 'null' || member.type === 'false' || (member.type === 'array' && everyElement(bytes, member, () => false));

const isText = (bytes: Uint8Array, member: Member): boolean =>
  everyElement(bytes, member, (element) => element.type === 'string' && readString(bytes, element) === 'text');

/** What is meant for a template may be the template itself: whoever renders it takes it in place of its own. */
const namesTemplate = (bytes: Uint8Array, member: Member): boolean =>
  member.type === 'object' && membersOf(bytes, member).some(({ key, type }) => foldName(key) === 'chat_template' && type !== 'null');

/** Edits that drop content from the prompt (`clear_…`) make a request smaller; any other may run the model once more. */
function onlyClears(bytes: Uint8Array, member: Member): boolean {
  if (member.type !== 'object') {
    return false;
  }
  const edits = membersOf(bytes, member);
  return edits.every(
    (field) =>
      field.key === 'edits' &&
      field.type === 'array' &&
      elementsOf(bytes, field).every((edit) => edit.type === 'object' && membersOf(bytes, edit).every((each) => isClearing(bytes, each))),
  );
}

const isClearing = (bytes: Uint8Array, member: Member): boolean =>
  foldName(member.key) !== 'type' || (member.key === 'type' && member.type === 'string' && readString(bytes, member).startsWith('clear_'));

type KindOfValue = (bytes: Uint8Array, member: Member) => UnboundedKind | undefined;

/** Fields of which it depends on the value. */
const BY_VALUE: ReadonlyMap<string, KindOfValue> = new Map<string, KindOfValue>([
  ['modalities', (bytes, member) => (member.type === 'array' && isText(bytes, member) ? undefined : 'output')],
  ['chat_template_kwargs', (bytes, member) => (namesTemplate(bytes, member) ? 'template' : undefined)],
  ['context_management', (bytes, member) => (onlyClears(bytes, member) ? undefined : 'tool')],
]);

function kindOf(bytes: Uint8Array, operation: BodyOperation, member: Member, folded: string): UnboundedKind | undefined {
  if (operation === 'embeddings') {
    // vLLM embeds conversations, images included.
    return folded === 'messages' ? 'part' : undefined;
  }
  if (folded === 'prompt') {
    return operation === 'responses' ? 'template' : undefined;
  }
  const byValue = BY_VALUE.get(folded);
  if (byValue !== undefined) {
    return byValue(bytes, member);
  }
  return OWN_FIELDS[operation].has(folded) ? undefined : FIELD_KINDS.get(folded);
}

/** Notes a member of the body that lets the request cost more than its bytes and its cap say. Total for any member. */
export function noteField(list: UnboundedList, bytes: Uint8Array, operation: BodyOperation, member: Member): void {
  const folded = foldName(member.key);
  const kind = isEmpty(bytes, member) ? undefined : kindOf(bytes, operation, member, folded);
  if (kind !== undefined) {
    noteUnbounded(list, kind, `"${folded}"`, member.end - member.start);
  }
}
