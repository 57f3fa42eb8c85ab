import {
  IMAGE,
  REFERENCE,
  DATA,
  FIGURES,
  ID,
  JSON_TEXT,
  MODEL,
  TEXT,
  either,
  from,
  ids,
  listOf,
  object,
  scalars,
  texts,
  typed,
  unreadable,
  words,
} from './rule.ts';
import type { Members, Rule } from './rule.ts';
import type { Origin } from './site.ts';

// Every shape here is as the types of the official client have it; what they do not have is unknown.

const DETAIL = words('auto', 'low', 'high', 'original');
const BREAKPOINT: Members = { prompt_cache_breakpoint: FIGURES, cache_control: FIGURES };
const VIDEO = unreadable('video');

/** Parts of a message. The two with a video are those of servers that imitate this API. */
export const CHAT_PART = typed(
  {
    text: texts('text'),
    refusal: texts('refusal'),
    image_url: { image_url: either({ string: IMAGE, object: object({ url: IMAGE, detail: DETAIL }) }) },
    input_audio: { input_audio: object({ data: unreadable('audio'), format: words('wav', 'mp3') }) },
    file: { file: object({ file_data: unreadable('file'), file_id: REFERENCE, filename: TEXT }) },
    video_url: { video_url: either({ string: VIDEO, object: object({ url: VIDEO, detail: DETAIL }) }) },
  },
  BREAKPOINT,
);

const CALLED = object({ name: TEXT, arguments: JSON_TEXT });

export const CHAT_CALLS = listOf(
  object({
    ...ids('id'),
    ...scalars('index'),
    type: words('function', 'custom'),
    function: CALLED,
    custom: object(texts('name', 'input')),
  }),
);

export const CHAT_ANNOTATIONS = listOf(
  typed({ url_citation: { url_citation: object({ ...scalars('start_index', 'end_index'), ...texts('title', 'url') }) } }),
);

const CHAT_ROLES = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
  tool: 'tool',
  function: 'tool',
} as const satisfies Readonly<Record<string, Origin>>;

export const CHAT_ROLE = words(...Object.keys(CHAT_ROLES));

/** A message of a request; one that is an earlier answer may name the audio that the provider keeps of it. */
const CHAT_MESSAGE = object(
  {
    role: CHAT_ROLE,
    content: either({ string: TEXT, array: listOf(CHAT_PART) }),
    ...texts('name', 'refusal', 'reasoning_content', 'reasoning'),
    ...scalars('prefix'),
    audio: object({ id: REFERENCE }),
    tool_calls: CHAT_CALLS,
    tool_call_id: ID,
    function_call: CALLED,
    annotations: CHAT_ANNOTATIONS,
  },
  { roles: CHAT_ROLES },
);

/** A message of an answer. */
export const CHAT_REPLY = object({
  role: CHAT_ROLE,
  content: either({ string: TEXT, array: listOf(CHAT_PART) }),
  ...texts('refusal', 'reasoning_content', 'reasoning'),
  audio: object({ ...ids('id'), ...scalars('expires_at'), data: unreadable('audio'), transcript: TEXT }),
  tool_calls: CHAT_CALLS,
  function_call: CALLED,
  annotations: CHAT_ANNOTATIONS,
});

const SCHEMA: Members = { ...texts('name', 'description'), ...scalars('strict') };
const DEFINED = object({ ...SCHEMA, parameters: DATA });
const GRAMMAR = object({ definition: TEXT, syntax: words('lark', 'regex') });

const CHAT_TOOLS = listOf(
  typed({
    function: { function: DEFINED, ...BREAKPOINT },
    custom: {
      custom: object({ ...texts('name', 'description'), format: typed({ text: {}, grammar: { grammar: GRAMMAR } }) }),
      ...BREAKPOINT,
    },
  }),
);

const NAMED = object(texts('name'));
const CHOSEN = words('none', 'auto', 'required');

const CHAT_TOOL_CHOICE = either({
  string: CHOSEN,
  object: typed({
    function: { function: NAMED },
    custom: { custom: NAMED },
    allowed_tools: { allowed_tools: object({ mode: CHOSEN, tools: DATA }) },
  }),
});

const CHAT_FORMAT = typed({
  text: {},
  json_object: {},
  json_schema: { json_schema: object({ ...SCHEMA, schema: DATA }) },
  grammar: texts('grammar'),
  python: {},
});

const MODE = object({ mode: words('score', 'block') });
/** What a provider is to look for itself. */
export const MODERATION = object({ model: ID, policy: object({ input: MODE, output: MODE }) });
export const EFFORT = words('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max');
export const TIER = words('auto', 'default', 'flex', 'scale', 'priority', 'fast', 'ultrafast', 'standard', 'standard_only', 'batch');
export const LEVEL = words('low', 'medium', 'high');
export const RETENTION = words('in_memory', 'in-memory', '24h');

/** Of all requests of OpenAI's; a caller's own words about itself. */
export const OPENAI_PARAMETERS: Members = {
  model: MODEL,
  user: TEXT,
  ...scalars('stream', 'temperature', 'top_p', 'top_logprobs', 'n', 'seed', 'max_tokens', 'frequency_penalty', 'presence_penalty', 'store'),
  stream_options: object(scalars('include_usage', 'include_obfuscation', 'continuous_usage_stats')),
  service_tier: TIER,
  metadata: DATA,
  // By the id of a token.
  logit_bias: FIGURES,
  stop: TEXT,
  ...texts('safety_identifier', 'prompt_cache_key'),
  prompt_cache_options: FIGURES,
  prompt_cache_retention: RETENTION,
  moderation: MODERATION,
};

const PLACE = object({ type: words('approximate'), approximate: object(texts('city', 'country', 'region', 'timezone')) });

export const CHAT_REQUEST: Rule = object({
  ...OPENAI_PARAMETERS,
  messages: from('user', listOf(CHAT_MESSAGE)),
  tools: from('definition', CHAT_TOOLS),
  functions: from('definition', listOf(DEFINED)),
  tool_choice: from('definition', CHAT_TOOL_CHOICE),
  function_call: from('definition', either({ string: CHOSEN, object: NAMED })),
  response_format: from('definition', CHAT_FORMAT),
  prediction: from('assistant', object({ type: words('content'), content: either({ string: TEXT, array: listOf(CHAT_PART) }) })),
  audio: object({ format: words('wav', 'aac', 'mp3', 'flac', 'opus', 'pcm16'), voice: either({ string: ID, object: object(ids('id')) }) }),
  modalities: words('text', 'audio'),
  ...scalars('max_completion_tokens', 'logprobs', 'parallel_tool_calls'),
  reasoning_effort: EFFORT,
  verbosity: LEVEL,
  web_search_options: object({ search_context_size: LEVEL, user_location: PLACE }),
});
