import { data, text, unread } from './canary.ts';
import type { Origin } from '../../../../../src/policy/llm/texts/site.ts';

const citation = (origin: Origin): object => ({
  type: 'char_location',
  cited_text: text(origin),
  document_title: text(origin),
  document_index: 0,
  start_char_index: 0,
  end_char_index: 9_999,
});

const cache = { cache_control: { type: 'ephemeral', ttl: '5m' } };

/** What a model or its provider makes. */
export const modelBlocks = (): readonly object[] => [
  {
    type: 'text',
    text: text('assistant'),
    citations: [
      citation('assistant'),
      {
        type: 'web_search_result_location',
        cited_text: text('assistant'),
        title: text('assistant'),
        url: text('assistant'),
        encrypted_index: unread('encrypted'),
      },
    ],
  },
  { type: 'thinking', thinking: text('assistant', 'signed'), signature: text('assistant', 'signed') },
  { type: 'redacted_thinking', data: unread('encrypted') },
  { type: 'tool_use', id: 'toolu_1', name: text('assistant'), input: data('assistant'), caller: { type: 'direct' } },
  { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: data('assistant') },
  { type: 'mcp_tool_use', id: 'mcptoolu_1', name: text('assistant'), server_name: text('assistant'), input: data('assistant') },
  { type: 'mcp_tool_result', tool_use_id: 'mcptoolu_1', is_error: false, content: [{ type: 'text', text: text('tool') }] },
  {
    type: 'web_search_tool_result',
    tool_use_id: 'srvtoolu_1',
    content: [
      { type: 'web_search_result', title: text('tool'), url: text('tool'), page_age: text('tool'), encrypted_content: unread('encrypted') },
    ],
  },
  {
    type: 'web_search_tool_result',
    tool_use_id: 'srvtoolu_1',
    content: { type: 'web_search_tool_result_error', error_code: 'unavailable' },
  },
  {
    type: 'web_fetch_tool_result',
    tool_use_id: 'srvtoolu_1',
    content: {
      type: 'web_fetch_result',
      url: text('tool'),
      retrieved_at: text('tool'),
      content: {
        type: 'document',
        title: text('tool'),
        citations: null,
        source: { type: 'text', media_type: 'text/plain', data: text('tool') },
      },
    },
  },
  {
    type: 'code_execution_tool_result',
    tool_use_id: 'srvtoolu_1',
    content: {
      type: 'code_execution_result',
      stdout: text('tool'),
      stderr: text('tool'),
      return_code: 0,
      content: [{ type: 'code_execution_output', file_id: unread('reference') }],
    },
  },
  {
    type: 'code_execution_tool_result',
    tool_use_id: 'srvtoolu_1',
    content: {
      type: 'encrypted_code_execution_result',
      encrypted_stdout: unread('encrypted'),
      stderr: text('tool'),
      return_code: 0,
      content: [],
    },
  },
  {
    type: 'bash_code_execution_tool_result',
    tool_use_id: 'srvtoolu_1',
    content: { type: 'bash_code_execution_result', stdout: text('tool'), stderr: text('tool'), return_code: 0, content: [] },
  },
  {
    type: 'text_editor_code_execution_tool_result',
    tool_use_id: 'srvtoolu_1',
    content: { type: 'text_editor_code_execution_view_result', file_type: 'text', content: text('tool'), num_lines: 1 },
  },
  {
    type: 'text_editor_code_execution_tool_result',
    tool_use_id: 'srvtoolu_1',
    content: { type: 'text_editor_code_execution_str_replace_result', lines: [text('tool')], new_lines: 1 },
  },
  {
    type: 'text_editor_code_execution_tool_result',
    tool_use_id: 'srvtoolu_1',
    content: { type: 'text_editor_code_execution_tool_result_error', error_code: 'unavailable', error_message: text('tool') },
  },
  {
    type: 'tool_search_tool_result',
    tool_use_id: 'srvtoolu_1',
    content: { type: 'tool_search_tool_search_result', tool_references: [{ type: 'tool_reference', tool_name: text('tool') }] },
  },
  {
    type: 'compaction',
    content: text('assistant', 'signed'),
    encrypted_content: unread('encrypted'),
    signature: text('assistant', 'signed'),
  },
  { type: 'container_upload', file_id: unread('reference') },
];

const documents = (origin: Origin): readonly object[] => [
  {
    type: 'document',
    title: text(origin),
    context: text(origin),
    citations: { enabled: true },
    source: { type: 'text', media_type: 'text/plain', data: text(origin) },
    ...cache,
  },
  { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: unread('file') } },
  { type: 'document', source: { type: 'url', url: unread('file') } },
  { type: 'document', source: { type: 'file', file_id: unread('reference') } },
  {
    type: 'document',
    source: {
      type: 'content',
      content: [
        { type: 'text', text: text(origin) },
        { type: 'image', source: { type: 'url', url: unread('image') } },
      ],
    },
  },
  { type: 'document', source: { type: 'content', content: text(origin) } },
  { type: 'search_result', source: text(origin), title: text(origin), content: [{ type: 'text', text: text(origin) }] },
  { type: 'image', source: { type: 'base64', media_type: 'image/png', data: unread('image') } },
];

export const messagesRequest = (): object => ({
  model: 'claude-sonnet-5',
  max_tokens: 1_024,
  system: [{ type: 'text', text: text('system'), ...cache }],
  messages: [
    { role: 'user', content: text('user') },
    { role: 'user', content: [{ type: 'text', text: text('user'), citations: null, ...cache }, ...documents('user')] },
    { role: 'assistant', content: modelBlocks() },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'toolu_1', is_error: true, content: text('tool'), ...cache },
        {
          type: 'tool_result',
          tool_use_id: 'toolu_1',
          content: [
            { type: 'text', text: text('tool') },
            ...documents('tool'),
            { type: 'tool_reference', tool_name: text('tool') },
            {
              type: 'browser_state',
              tabs: [{ tab_id: 'tab_1', title: text('tool'), url: text('tool') }],
              state_changes: [{ type: 'tab_opened', tab_id: text('tool') }],
            },
          ],
        },
      ],
    },
    { role: 'system', content: text('system') },
  ],
  tools: [
    {
      name: text('definition'),
      description: text('definition'),
      input_schema: data('definition'),
      input_examples: [data('definition')],
      ...cache,
    },
    { type: 'custom', name: text('definition'), input_schema: data('definition') },
    { type: 'bash_20250124', name: 'bash' },
    {
      type: 'web_search_20250305',
      name: 'web_search',
      allowed_domains: [text('definition')],
      user_location: { type: 'approximate', city: text('definition') },
    },
    { type: 'mcp_toolset', mcp_server_name: text('definition'), configs: { [text('definition', 'key')]: { enabled: true } } },
  ],
  tool_choice: { type: 'tool', name: text('definition'), disable_parallel_tool_use: true },
  mcp_servers: [
    {
      type: 'url',
      name: text('definition'),
      url: text('definition'),
      authorization_token: text('definition'),
      tool_configuration: { allowed_tools: [text('definition')] },
    },
  ],
  metadata: { user_id: text('parameter') },
  stop_sequences: [text('parameter')],
  thinking: { type: 'enabled', budget_tokens: 1_024 },
  output_config: { effort: 'low', format: { type: 'json_schema', schema: data('definition') } },
  context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
  container: 'container_1',
  service_tier: 'auto',
  stream: true,
  temperature: 1,
});

export const messageAnswer = (): object => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-5',
  content: modelBlocks(),
  stop_reason: 'stop_sequence',
  stop_sequence: text('assistant'),
  stop_details: { type: 'refusal', category: 'cyber', explanation: text('assistant') },
  container: { id: 'container_1', expires_at: '2026-11-21T00:00:00Z', skills: null },
  usage: { input_tokens: 12_345, output_tokens: 1, service_tier: 'standard', cache_creation: null },
  diagnostics: null,
});
