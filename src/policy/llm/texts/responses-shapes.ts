import { EFFORT, LEVEL, OPENAI_PARAMETERS } from './chat-shapes.ts';
import { ITEM_RULE } from './responses-items.ts';
import { PART } from './responses-parts.ts';
import { TEXT_FORMAT, TOOL, TOOL_CHOICE } from './responses-tools.ts';
import { DATA, FIGURES, ID, REFERENCE, TEXT, either, from, ids, listOf, object, scalars, scopedList, words } from './rule.ts';
import type { Members, Rule } from './rule.ts';

const ITEMS = either({ string: TEXT, array: listOf(ITEM_RULE) });

/** A template that the provider keeps, and what is put into it. */
const PROMPT = object({ id: REFERENCE, version: ID, variables: object({}, { rest: either({ string: TEXT, object: PART }) }) });

const SUMMARY = words('auto', 'concise', 'detailed');

/** Of requests; answers repeat them. */
const SHARED: Members = {
  ...OPENAI_PARAMETERS,
  instructions: from('system', ITEMS),
  tools: from('definition', listOf(TOOL)),
  tool_choice: from('definition', TOOL_CHOICE),
  text: from('definition', object({ format: TEXT_FORMAT, verbosity: LEVEL })),
  prompt: from('user', PROMPT),
  reasoning: object({
    effort: EFFORT,
    summary: SUMMARY,
    generate_summary: SUMMARY,
    context: words('auto', 'current_turn', 'all_turns'),
    mode: ID,
  }),
  ...scalars('max_output_tokens', 'max_tool_calls', 'parallel_tool_calls', 'background'),
  truncation: words('auto', 'disabled'),
  access_programs: FIGURES,
  image: FIGURES,
};

export const RESPONSES_REQUEST: Rule = object({
  ...SHARED,
  input: from('user', ITEMS),
  // What the provider kept of earlier requests is read by the model and does not stand here.
  previous_response_id: REFERENCE,
  conversation: either({ string: REFERENCE, object: object({ id: REFERENCE }) }),
  include: ID,
  context_management: FIGURES,
});

/** A response, whole or in an event. `output_text` is no member of the API's: the official clients add it. */
export const RESPONSE: Rule = object({
  ...SHARED,
  ...ids('id', 'object', 'status', 'previous_response_id'),
  ...scalars('created_at', 'completed_at'),
  output: scopedList(ITEM_RULE),
  output_text: TEXT,
  error: from('error', DATA),
  incomplete_details: FIGURES,
  conversation: FIGURES,
  moderation: DATA,
  prompt: from('user', object({ id: ID, version: ID, variables: DATA })),
  prompt_cache_diagnostics: FIGURES,
  tool_usage: FIGURES,
  usage: FIGURES,
});
