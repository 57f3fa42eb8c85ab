import { LEVEL } from './chat-shapes.ts';
import { CALL, COMPUTER_ITEMS, CONTENT, ITEM, MCP_CALLED, PART, RESULT, SHELL_OUTPUT } from './responses-parts.ts';
import { TEXT_FORMAT, TOOL } from './responses-tools.ts';
import {
  DATA,
  ENCRYPTED,
  FIGURES,
  ID,
  REFERENCE,
  TEXT,
  from,
  having,
  ids,
  jsonField,
  listOf,
  object,
  scalars,
  scopedList,
  textField,
  texts,
  typed,
  unreadable,
  withTypes,
  words,
} from './rule.ts';
import type { Members, Rule } from './rule.ts';
import type { Origin } from './site.ts';

const ROLES = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
  tool: 'tool',
} as const satisfies Readonly<Record<string, Origin>>;

const MESSAGE = object(
  { ...ITEM, type: words('message'), role: words(...Object.keys(ROLES)), content: CONTENT, phase: words('commentary', 'final_answer') },
  { roles: ROLES },
);
const REFERRED = object({ type: words('item_reference'), id: REFERENCE });

const FOUND = listOf(object({ attributes: DATA, ...ids('file_id'), ...scalars('score'), ...texts('filename', 'text') }));

const IMAGE_CALL: Members = {
  ...ITEM,
  ...ids('action', 'background', 'output_format', 'quality', 'size'),
  result: unreadable('image'),
  revised_prompt: TEXT,
  error: DATA,
  svg_usage: FIGURES,
};

const CODE_CALL: Members = {
  ...ITEM,
  ...ids('container_id'),
  code: textField('code'),
  outputs: from('tool', listOf(typed({ logs: texts('logs'), image: { url: unreadable('image') } }))),
};

const COMMAND = object({
  type: words('exec'),
  command: TEXT,
  env: DATA,
  ...texts('user', 'working_directory'),
  ...scalars('timeout_ms'),
});
const COMMANDS = object({ commands: scopedList(textField('command')), ...scalars('max_output_length', 'timeout_ms') });

const PATCH = typed({ create_file: texts('diff', 'path'), delete_file: texts('path'), update_file: texts('diff', 'path') });

const MCP_TOOLS = listOf(object({ ...texts('name', 'description'), input_schema: DATA, annotations: DATA }));

const TOOLS = from('definition', listOf(TOOL));

/** What a client makes. */
const GIVEN = typed({
  function_call_output: RESULT,
  custom_tool_call_output: RESULT,
  compaction_trigger: ITEM,
  local_shell_call_output: RESULT,
  shell_call_output: { ...ITEM, output: from('tool', listOf(SHELL_OUTPUT)), ...scalars('max_output_length') },
  apply_patch_call_output: RESULT,
  mcp_approval_response: { ...ITEM, ...ids('approval_request_id'), ...scalars('approve'), reason: TEXT },
  additional_tools: { ...ITEM, role: words(...Object.keys(ROLES), 'unknown', 'critic', 'discriminator'), tools: TOOLS },
  configuration_update: { ...ITEM, reasoning: FIGURES, text: object({ format: TEXT_FORMAT, verbosity: LEVEL }) },
});

/** What a model or its provider makes. */
const MADE = typed({
  function_call: { ...CALL, arguments: jsonField('arguments') },
  custom_tool_call: { ...CALL, input: textField('input') },
  reasoning: { ...ITEM, summary: scopedList(PART), content: scopedList(PART), encrypted_content: ENCRYPTED },
  compaction: { ...ITEM, encrypted_content: ENCRYPTED },
  file_search_call: { ...ITEM, queries: TEXT, results: from('tool', FOUND) },
  ...COMPUTER_ITEMS,
  image_generation_call: IMAGE_CALL,
  code_interpreter_call: CODE_CALL,
  local_shell_call: { ...ITEM, action: COMMAND },
  shell_call: { ...ITEM, action: COMMANDS, environment: DATA },
  apply_patch_call: { ...ITEM, operation: PATCH },
  mcp_list_tools: { ...ITEM, server_label: TEXT, tools: from('definition', MCP_TOOLS), error: TEXT },
  mcp_approval_request: MCP_CALLED,
  mcp_call: {
    ...MCP_CALLED,
    ...ids('approval_request_id'),
    arguments: jsonField('mcp_arguments'),
    output: from('tool', TEXT),
    error: from('tool', DATA),
  },
  tool_search_call: { ...ITEM, arguments: DATA, execution: words('server', 'client') },
  tool_search_output: { ...ITEM, execution: words('server', 'client'), tools: TOOLS },
  program: { ...ITEM, code: TEXT, fingerprint: ID },
  program_output: { ...ITEM, result: from('tool', TEXT) },
});

/** What OpenAI takes for an item without a type: a message where it has a role, else a reference to what the provider keeps. */
const UNTYPED = having('role', MESSAGE, REFERRED);

/** The items of a conversation, in requests and in answers: those of a model are its own words wherever they stand. */
export const ITEM_RULE: Rule = withTypes(GIVEN, {
  ...Object.fromEntries(Object.entries(MADE.types).map(([type, rule]) => [type, from('assistant', rule)])),
  '': UNTYPED,
  message: MESSAGE,
  item_reference: REFERRED,
});
