import { BLOCK } from './anthropic-blocks.ts';
import { DATA, FIGURES, ID, MODEL, TEXT, either, from, ids, listOf, object, scalars, scopedList, texts, typed, words } from './rule.ts';
import type { Members, Rule } from './rule.ts';
import type { Origin } from './site.ts';

const ROLES = {
  user: 'user',
  assistant: 'assistant',
  system: 'system',
} as const satisfies Readonly<Record<string, Origin>>;

const CONTENT = either({ string: TEXT, array: listOf(BLOCK) });
const MESSAGE = object({ role: words(...Object.keys(ROLES)), content: CONTENT }, { roles: ROLES });

const TOOL_SHARED: Members = {
  name: TEXT,
  allowed_callers: ID,
  cache_control: FIGURES,
  ...scalars('defer_loading', 'strict', 'eager_input_streaming'),
};
const DEFINED: Members = { description: TEXT, input_schema: DATA, input_examples: DATA };
const WEB: Members = {
  ...scalars('max_uses', 'max_content_tokens', 'use_cache'),
  ...texts('allowed_domains', 'blocked_domains'),
  user_location: object({ type: words('approximate'), ...texts('city', 'country', 'region', 'timezone') }),
  citations: FIGURES,
  response_inclusion: ID,
  url_sources: DATA,
};
const EXAMPLES: Members = { ...scalars('max_characters'), input_examples: DATA };

const types = (members: Members, ...names: readonly string[]): Readonly<Record<string, Members>> =>
  Object.fromEntries(names.map((name) => [name, members]));

const TOOL = typed(
  {
    '': DEFINED,
    custom: DEFINED,
    ...types(EXAMPLES, 'bash_20250124', 'memory_20250818'),
    ...types(EXAMPLES, 'text_editor_20250124', 'text_editor_20250429', 'text_editor_20250728'),
    ...types({}, 'code_execution_20250522', 'code_execution_20250825', 'code_execution_20260120', 'code_execution_20260521'),
    ...types({ configs: FIGURES }, 'browser_toolset_20260801', 'computer_toolset_20260801'),
    ...types({}, 'tool_search_tool_bm25_20251119', 'tool_search_tool_bm25', 'tool_search_tool_regex_20251119', 'tool_search_tool_regex'),
    ...types(WEB, 'web_search_20250305', 'web_search_20260209', 'web_search_20260318'),
    ...types(WEB, 'web_fetch_20250910', 'web_fetch_20260209', 'web_fetch_20260309', 'web_fetch_20260318'),
    mcp_toolset: { mcp_server_name: TEXT, configs: DATA, default_config: FIGURES, tools: DATA },
  },
  TOOL_SHARED,
);

const CHOICE: Members = scalars('disable_parallel_tool_use');
const FORMAT = typed({ json_schema: { schema: DATA } });

/** The authorisation of a server is a credential: it goes to the provider, and no model reads it. */
const SERVERS = listOf(object({ type: words('url'), ...texts('name', 'url', 'authorization_token'), tool_configuration: DATA }));

const CONTAINER = either({ string: ID, object: FIGURES });

/** A request for a message, or for the count of its tokens. */
export const MESSAGES_REQUEST: Rule = object({
  model: MODEL,
  messages: from('user', listOf(MESSAGE)),
  system: from('system', CONTENT),
  tools: from('definition', listOf(TOOL)),
  tool_choice: from('definition', typed({ auto: CHOICE, any: CHOICE, none: CHOICE, tool: { ...CHOICE, ...texts('name') } })),
  mcp_servers: from('definition', SERVERS),
  output_config: from('definition', object({ effort: ID, format: FORMAT })),
  output_format: from('definition', FORMAT),
  metadata: DATA,
  stop_sequences: TEXT,
  thinking: FIGURES,
  cache_control: FIGURES,
  container: CONTAINER,
  context_management: DATA,
  diagnostics: FIGURES,
  ...ids('inference_geo', 'service_tier', 'speed', 'user_profile_id', 'workspace_id'),
  ...scalars('max_tokens', 'stream', 'temperature', 'top_p', 'top_k'),
});

export const STOPPED: Members = {
  stop_reason: ID,
  stop_sequence: TEXT,
  stop_details: object({ type: words('refusal'), category: ID, explanation: TEXT }),
  container: CONTAINER,
};

/** A message as an answer has it, whole or where a stream begins; or an error. */
export const MESSAGE_ANSWER: Rule = object({
  type: words('message', 'error'),
  ...ids('id', 'request_id'),
  role: words('assistant'),
  model: MODEL,
  content: scopedList(BLOCK),
  ...STOPPED,
  diagnostics: FIGURES,
  usage: FIGURES,
  context_management: FIGURES,
  error: from('error', DATA),
});

export const COUNT_ANSWER: Rule = object({
  type: words('error'),
  ...ids('request_id'),
  ...scalars('input_tokens'),
  context_management: FIGURES,
  error: from('error', DATA),
});
