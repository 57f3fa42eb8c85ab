import { DATA, FIGURES, ID, TEXT, either, listOf, object, scalars, texts, typed, unreadable, words } from './rule.ts';
import type { Members, Rule } from './rule.ts';

const SEARCH_PLACE = object({ type: words('approximate'), ...texts('city', 'country', 'region', 'timezone') });

const DEFINED: Members = { ...texts('name', 'description'), ...scalars('strict'), parameters: DATA, output_schema: DATA };

const GRAMMAR: Rule = typed({ text: {}, grammar: { definition: TEXT, syntax: words('lark', 'regex') } });
const CUSTOM: Members = { ...texts('name', 'description'), format: GRAMMAR };

const WEB_SEARCH: Members = {
  ...scalars('external_web_access'),
  search_context_size: ID,
  search_content_types: ID,
  filters: DATA,
  user_location: SEARCH_PLACE,
};

const MCP: Members = {
  ...texts('server_label', 'server_description', 'server_url', 'authorization'),
  connector_id: ID,
  tunnel_id: ID,
  headers: DATA,
  allowed_tools: DATA,
  require_approval: DATA,
};

const IMAGES: Members = {
  model: ID,
  ...scalars('frame_count', 'frame_duration_ms', 'output_compression', 'partial_images'),
  action: ID,
  background: ID,
  complexity: ID,
  input_fidelity: ID,
  moderation: ID,
  output_format: ID,
  quality: ID,
  size: ID,
  svg: FIGURES,
  input_image_mask: object({ image_url: unreadable('image'), file_id: unreadable('reference') }),
};

const COMPUTER: Members = { ...scalars('display_width', 'display_height'), environment: ID };

/** Of every tool. */
const SHARED: Members = { ...scalars('async', 'defer_loading'), allowed_callers: ID };

const NESTED = typed({ function: DEFINED, custom: CUSTOM }, SHARED);

/** Tools of a request, which the answer repeats. */
export const TOOL = typed(
  {
    function: DEFINED,
    custom: CUSTOM,
    namespace: { ...texts('name', 'description'), tools: listOf(NESTED) },
    file_search: { ...scalars('max_num_results'), vector_store_ids: unreadable('reference'), filters: DATA, ranking_options: FIGURES },
    web_search: WEB_SEARCH,
    web_search_2025_08_26: WEB_SEARCH,
    web_search_preview: WEB_SEARCH,
    web_search_preview_2025_03_11: WEB_SEARCH,
    computer: COMPUTER,
    computer_use_preview: COMPUTER,
    mcp: MCP,
    code_interpreter: { container: either({ string: ID, object: DATA }) },
    programmatic_tool_calling: {},
    image_generation: IMAGES,
    local_shell: {},
    shell: { environment: DATA },
    apply_patch: {},
    tool_search: { description: TEXT, execution: words('server', 'client'), parameters: DATA },
  },
  SHARED,
);

const CHOSEN = words('none', 'auto', 'required');

export const TOOL_CHOICE = either({
  string: CHOSEN,
  object: typed({
    function: texts('name'),
    custom: texts('name'),
    mcp: texts('server_label', 'name'),
    allowed_tools: { mode: CHOSEN, tools: DATA },
    file_search: {},
    web_search: {},
    web_search_preview: {},
    web_search_preview_2025_03_11: {},
    computer: {},
    computer_use: {},
    computer_use_preview: {},
    image_generation: {},
    code_interpreter: {},
    programmatic_tool_calling: {},
    apply_patch: {},
    shell: {},
  }),
});

/** The form that a text is to have. */
export const TEXT_FORMAT = typed({
  text: {},
  json_object: {},
  json_schema: { ...texts('name', 'description'), ...scalars('strict'), schema: DATA },
});
