import type { UnboundedKind } from './unbounded.ts';

/** The kind of a thing, and words for it. */
export type Found = readonly [UnboundedKind, string];

const IMAGE = ['image', 'an image'] as const;
const AUDIO = ['audio', 'audio'] as const;
const FILE = ['file', 'a file or document'] as const;
const RESULT = ['tool', 'the result of a tool that ran at the provider'] as const;
export const ITEM = ['state', 'an item that the provider keeps'] as const;
const COMPACTION = ['state', 'a conversation that the provider has compacted'] as const;

/**
 * Elements of all APIs in two tables: a type means the same wherever it occurs. What is in neither is not bounded, since providers add
 * media every few months. These are text, apart from the elements that they hold; `''` = without a type, as OpenAI's messages are.
 */
export const TEXT_TYPES: ReadonlySet<string> = new Set([
  '',
  'message',
  'text',
  'refusal',
  'input_text',
  'output_text',
  'summary_text',
  'reasoning_text',
  'thinking',
  // Sealed by the provider: what was thought, in at least as many bytes.
  'redacted_thinking',
  'reasoning',
  'function_call',
  'function_call_output',
  'custom_tool_call',
  'custom_tool_call_output',
  'local_shell_call',
  'local_shell_call_output',
  'apply_patch_call',
  'apply_patch_call_output',
  'configuration_update',
  'tool_use',
  'tool_result',
  'search_result',
]);

export const NAMED_TYPES: ReadonlyMap<string, Found> = new Map<string, Found>([
  ['image', IMAGE],
  ['image_url', IMAGE],
  ['input_image', IMAGE],
  ['computer_call_output', IMAGE],
  ['computer_screenshot', IMAGE],
  ['image_generation_call', IMAGE],
  ['video_url', ['image', 'a video']],
  ['input_video', ['image', 'a video']],
  ['input_audio', AUDIO],
  ['audio_url', AUDIO],
  ['file', FILE],
  ['file_url', FILE],
  ['input_file', FILE],
  ['document', FILE],
  ['container_upload', FILE],
  ['item_reference', ITEM],
  ['compaction', COMPACTION],
  ['compaction_trigger', COMPACTION],
  ['server_tool_use', RESULT],
  ['web_search_tool_result', RESULT],
  ['web_fetch_tool_result', RESULT],
  ['code_execution_tool_result', RESULT],
  ['bash_code_execution_tool_result', RESULT],
  ['text_editor_code_execution_tool_result', RESULT],
  ['tool_search_tool_result', RESULT],
  ['mcp_tool_use', RESULT],
  ['mcp_tool_result', RESULT],
  ['mcp_call', RESULT],
  ['mcp_list_tools', RESULT],
  ['web_search_call', RESULT],
  ['file_search_call', RESULT],
  ['code_interpreter_call', RESULT],
  ['computer_call', RESULT],
  ['tool_search_call', RESULT],
  ['tool_search_output', RESULT],
  ['additional_tools', ['tool', 'tools among the messages']],
]);

/** What is in neither table. */
export const UNKNOWN = ['part', 'content of a type that this gateway does not know'] as const;
