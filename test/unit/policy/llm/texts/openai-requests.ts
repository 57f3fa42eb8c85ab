import { data, json, text, unread } from './canary.ts';

const breakpoint = { prompt_cache_breakpoint: { mode: 'explicit', ttl: '30m' } };

/** Every field of a chat that the official client has types for, but those of sampling and limits. */
export const chatRequest = (): object => ({
  model: 'gpt-4o',
  messages: [
    { role: 'system', content: text('system'), name: text('system') },
    { role: 'developer', content: [{ type: 'text', text: text('system'), ...breakpoint }] },
    {
      role: 'user',
      name: text('user'),
      content: [
        { type: 'text', text: text('user') },
        { type: 'image_url', image_url: { url: unread('image'), detail: 'high' } },
        { type: 'input_audio', input_audio: { data: unread('audio'), format: 'wav' } },
        { type: 'file', file: { file_data: unread('file'), filename: text('user') } },
        { type: 'file', file: { file_id: unread('reference') } },
        { type: 'video_url', video_url: { url: unread('video') } },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: text('assistant') },
        { type: 'refusal', refusal: text('assistant') },
      ],
      refusal: text('assistant'),
      reasoning_content: text('assistant'),
      audio: { id: unread('reference') },
      function_call: { name: text('assistant'), arguments: json('assistant') },
      tool_calls: [
        { id: 'call_1', type: 'function', function: { name: text('assistant'), arguments: json('assistant') } },
        { id: 'call_2', type: 'custom', custom: { name: text('assistant'), input: text('assistant') } },
      ],
      annotations: [
        { type: 'url_citation', url_citation: { start_index: 0, end_index: 1, title: text('assistant'), url: text('assistant') } },
      ],
    },
    { role: 'tool', tool_call_id: 'call_1', content: text('tool') },
    { role: 'tool', tool_call_id: 'call_2', content: [{ type: 'text', text: text('tool') }] },
    { role: 'function', name: text('tool'), content: text('tool') },
  ],
  tools: [
    {
      type: 'function',
      function: { name: text('definition'), description: text('definition'), parameters: data('definition'), strict: true },
    },
    {
      type: 'custom',
      custom: {
        name: text('definition'),
        description: text('definition'),
        format: { type: 'grammar', grammar: { definition: text('definition'), syntax: 'lark' } },
      },
    },
  ],
  functions: [{ name: text('definition'), description: text('definition'), parameters: data('definition') }],
  tool_choice: {
    type: 'allowed_tools',
    allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: text('definition') } }] },
  },
  function_call: { name: text('definition') },
  response_format: {
    type: 'json_schema',
    json_schema: { name: text('definition'), description: text('definition'), schema: data('definition'), strict: null },
  },
  prediction: { type: 'content', content: [{ type: 'text', text: text('assistant') }] },
  stop: [text('parameter'), text('parameter')],
  user: text('parameter'),
  safety_identifier: text('parameter'),
  prompt_cache_key: text('parameter'),
  metadata: { team: text('parameter') },
  web_search_options: {
    search_context_size: 'low',
    user_location: {
      type: 'approximate',
      approximate: { city: text('parameter'), country: text('parameter'), region: text('parameter'), timezone: text('parameter') },
    },
  },
  audio: { format: 'mp3', voice: 'alloy' },
  modalities: ['text', 'audio'],
  moderation: { model: 'omni-moderation-latest', policy: { input: { mode: 'block' }, output: null } },
  reasoning_effort: 'low',
  service_tier: 'flex',
  verbosity: 'low',
  stream: true,
  stream_options: { include_usage: true },
  seed: 12_345,
  logit_bias: { 50256: -100 },
  temperature: 0.5,
  n: 1,
});

/** The other forms of the same fields. */
export const chatStrings = (): object => ({
  model: 'gpt-4o',
  messages: [
    { role: 'user', content: text('user') },
    { role: 'user', content: [{ type: 'image_url', image_url: unread('image') }] },
  ],
  tools: [{ type: 'custom', custom: { name: 'x', format: { type: 'text' } } }],
  tool_choice: { type: 'function', function: { name: text('definition') } },
  function_call: 'auto',
  prediction: { type: 'content', content: text('assistant') },
  stop: text('parameter'),
  response_format: { type: 'json_object' },
  audio: { format: 'mp3', voice: { id: 'voice_1' } },
});

export const completionsRequest = (): object => ({
  model: 'gpt-3.5-turbo-instruct',
  prompt: [text('user'), text('user')],
  suffix: text('user'),
  stop: text('parameter'),
  user: text('parameter'),
  logprobs: 2,
  echo: true,
});

export const embeddingsRequest = (): object => ({
  model: 'text-embedding-3-small',
  input: [text('user'), text('user')],
  user: text('parameter'),
  encoding_format: 'base64',
});
