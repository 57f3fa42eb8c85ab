import {
  ENCRYPTED,
  REFERENCE,
  DATA,
  FIGURES,
  ID,
  SIGNED,
  TEXT,
  either,
  from,
  ids,
  listOf,
  object,
  scalars,
  textField,
  texts,
  typed,
  unreadable,
  withTypes,
  words,
} from './rule.ts';
import type { Members, Rule, TypedRule } from './rule.ts';

// Every shape here is as the types of the official client have it; what they do not have is unknown.

const SHARED: Members = { cache_control: FIGURES };

export const CITATION: Rule = object({
  type: words('char_location', 'page_location', 'content_block_location', 'search_result_location', 'web_search_result_location'),
  ...texts('cited_text', 'document_title', 'title', 'url', 'source'),
  ...ids('file_id'),
  encrypted_index: ENCRYPTED,
  ...scalars('document_index', 'search_result_index', 'start_char_index', 'end_char_index', 'start_page_number', 'end_page_number'),
  ...scalars('start_block_index', 'end_block_index'),
});

/** Configured in a request (`{enabled}`), or a list of them. */
const CITATIONS = either({ array: listOf(CITATION), object: FIGURES });

const mediaSource = (what: 'image' | 'file'): Readonly<Record<string, Members>> => ({
  base64: { data: unreadable(what), media_type: ID },
  url: { url: unreadable(what) },
  file: { file_id: REFERENCE },
});

const IMAGE: Members = { source: typed(mediaSource('image')), transformations: FIGURES };

/** Blocks that hold no other blocks. */
const PLAIN_BLOCKS = typed({ text: { text: TEXT, citations: CITATIONS }, image: IMAGE }, SHARED);
const PLAIN_CONTENT = either({ string: TEXT, array: listOf(PLAIN_BLOCKS) });

const DOCUMENT: Members = {
  source: typed({ ...mediaSource('file'), text: { data: TEXT, media_type: ID }, content: { content: PLAIN_CONTENT } }),
  ...texts('title', 'context'),
  citations: CITATIONS,
};

const SEARCH_RESULT: Members = { content: listOf(PLAIN_BLOCKS), ...texts('source', 'title'), citations: CITATIONS };
const TOOL_NAMED: Members = texts('tool_name');

const BROWSER: Members = {
  tabs: listOf(object({ ...ids('tab_id'), ...scalars('active'), ...texts('title', 'url') })),
  state_changes: DATA,
};

/** What a client's tool gave back. */
const RESULT_CONTENT = either({
  string: TEXT,
  array: listOf(
    typed(
      {
        text: { text: TEXT, citations: CITATIONS },
        image: IMAGE,
        document: DOCUMENT,
        search_result: SEARCH_RESULT,
        tool_reference: TOOL_NAMED,
        browser_state: BROWSER,
      },
      SHARED,
    ),
  ),
});

const RESULT: Members = { ...ids('tool_use_id'), ...scalars('is_error'), caller: FIGURES };
const FAILED: Members = { ...ids('error_code'), error_message: TEXT };
const FILES = listOf(object({ type: ID, file_id: REFERENCE }));
const RAN: Members = { ...scalars('return_code'), ...texts('stdout', 'stderr'), content: FILES };
const LINES: Members = { ...scalars('new_lines', 'new_start', 'old_lines', 'old_start'), lines: TEXT };
const VIEW: Members = { ...scalars('num_lines', 'start_line', 'total_lines'), file_type: words('text', 'image', 'pdf'), content: TEXT };

const FOUND_PAGE = typed({ web_search_result: { ...texts('title', 'url', 'page_age'), encrypted_content: ENCRYPTED } });

const result = (types: Readonly<Record<string, Members>>): Members => ({ ...RESULT, content: from('tool', typed(types)) });

/** What tools at the provider gave back. */
const SERVER_RESULTS: Readonly<Record<string, Members>> = {
  web_search_tool_result: {
    ...RESULT,
    content: from('tool', either({ array: listOf(FOUND_PAGE), object: typed({ web_search_tool_result_error: FAILED }) })),
  },
  web_fetch_tool_result: result({
    web_fetch_result: { ...texts('url', 'retrieved_at'), content: typed({ document: DOCUMENT }, SHARED) },
    web_fetch_tool_result_error: FAILED,
  }),
  code_execution_tool_result: result({
    code_execution_result: RAN,
    encrypted_code_execution_result: { ...RAN, encrypted_stdout: ENCRYPTED },
    code_execution_tool_result_error: FAILED,
  }),
  bash_code_execution_tool_result: result({ bash_code_execution_result: RAN, bash_code_execution_tool_result_error: FAILED }),
  text_editor_code_execution_tool_result: result({
    text_editor_code_execution_view_result: VIEW,
    text_editor_code_execution_create_result: scalars('is_file_update'),
    text_editor_code_execution_str_replace_result: LINES,
    text_editor_code_execution_tool_result_error: FAILED,
  }),
  tool_search_tool_result: result({
    tool_search_tool_search_result: { tool_references: listOf(typed({ tool_reference: TOOL_NAMED }, SHARED)) },
    tool_search_tool_result_error: FAILED,
  }),
  mcp_tool_result: { ...RESULT, content: from('tool', PLAIN_CONTENT) },
};

const USED: Members = { ...ids('id', 'toolset_name'), name: TEXT, input: DATA, caller: FIGURES };

const BLOCKS: TypedRule = typed(
  {
    image: IMAGE,
    document: DOCUMENT,
    search_result: SEARCH_RESULT,
    // A changed thought no longer fits its signature, and is refused when it is sent back.
    thinking: { thinking: SIGNED, signature: SIGNED },
    redacted_thinking: { data: ENCRYPTED },
    tool_use: USED,
    server_tool_use: USED,
    mcp_tool_use: { ...USED, server_name: TEXT },
    tool_result: { ...RESULT, ...ids('toolset_name'), content: from('tool', RESULT_CONTENT) },
    ...SERVER_RESULTS,
    container_upload: { file_id: REFERENCE },
    compaction: { content: SIGNED, signature: SIGNED, encrypted_content: ENCRYPTED },
    tool_reference: TOOL_NAMED,
  },
  SHARED,
);

/** The content of messages, in requests and in answers. The field is that of the events that stream it. */
export const BLOCK = withTypes(BLOCKS, {
  text: object({ type: words('text'), text: textField('text'), citations: CITATIONS, cache_control: FIGURES }),
});
