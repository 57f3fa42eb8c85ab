import {
  FILE,
  IMAGE,
  REFERENCE,
  FIGURES,
  JSON_TEXT,
  LOGPROBS,
  TEXT,
  either,
  from,
  ids,
  listOf,
  object,
  scalars,
  scopedList,
  textField,
  texts,
  typed,
  unreadable,
  words,
} from './rule.ts';
import type { Members, Rule } from './rule.ts';

const DETAIL = words('auto', 'low', 'high', 'original');

/** What an answer says about its text: where it is from. Positions in a text are as the provider counted them. */
export const ANNOTATION = typed({
  file_citation: { ...ids('file_id'), filename: TEXT, ...scalars('index') },
  url_citation: { ...texts('title', 'url'), ...scalars('start_index', 'end_index') },
  container_file_citation: { ...ids('container_id', 'file_id'), filename: TEXT, ...scalars('start_index', 'end_index') },
  file_path: { ...ids('file_id'), ...scalars('index') },
});

/** Parts of messages, of what tools gave back, and of thoughts. The fields are those of the events that stream them. */
export const PART = typed(
  {
    input_text: texts('text'),
    text: texts('text'),
    output_text: { text: textField('text'), annotations: listOf(ANNOTATION), logprobs: LOGPROBS },
    refusal: { refusal: textField('refusal') },
    reasoning_text: { text: textField('reasoning') },
    summary_text: { text: textField('summary') },
    input_image: { image_url: IMAGE, file_id: REFERENCE, detail: DETAIL },
    computer_screenshot: { image_url: IMAGE, file_id: REFERENCE, detail: DETAIL },
    input_file: { file_data: FILE, file_url: FILE, file_id: REFERENCE, filename: TEXT, detail: DETAIL },
    input_audio: { input_audio: object({ data: unreadable('audio'), format: words('mp3', 'wav') }) },
    output_audio: { data: unreadable('audio'), transcript: TEXT },
  },
  { prompt_cache_breakpoint: FIGURES },
);

export const CONTENT = either({ string: TEXT, array: scopedList(PART) });

/** Who called a tool: the model or its program. */
const CALLER = FIGURES;

/** What nearly all items have. */
export const ITEM: Members = { ...ids('id', 'call_id', 'status', 'created_by'), caller: CALLER, ...scalars('async') };
export const CALL: Members = { ...ITEM, ...texts('name', 'namespace') };
/** What a tool gave back. */
export const RESULT: Members = { ...CALL, output: from('tool', CONTENT) };

const KEYS: Members = { ...scalars('x', 'y', 'scroll_x', 'scroll_y'), keys: TEXT };

const ACTION = typed({
  click: { ...KEYS, button: words('left', 'right', 'wheel', 'back', 'forward') },
  double_click: KEYS,
  drag: { ...KEYS, path: FIGURES },
  keypress: KEYS,
  move: KEYS,
  screenshot: {},
  scroll: KEYS,
  type: texts('text'),
  wait: {},
});

const CHECKS = listOf(object({ ...ids('id', 'code'), message: TEXT }));

const SEARCH = typed({
  search: { ...texts('query', 'queries'), sources: listOf(typed({ url: texts('url') })) },
  open_page: texts('url'),
  find_in_page: texts('pattern', 'url'),
});

/** Of the tools of computers and searches. */
export const COMPUTER_ITEMS: Readonly<Record<string, Members>> = {
  computer_call: { ...ITEM, action: ACTION, actions: listOf(ACTION), pending_safety_checks: CHECKS },
  computer_call_output: { ...ITEM, output: from('tool', PART), acknowledged_safety_checks: CHECKS },
  web_search_call: { ...ITEM, action: SEARCH },
};

const OUTCOME = typed({ timeout: {}, exit: scalars('exit_code') });

/** What a command gave back. */
export const SHELL_OUTPUT: Rule = object({
  outcome: OUTCOME,
  ...ids('created_by'),
  ...texts('stdout', 'stderr'),
});

export const MCP_CALLED: Members = { ...ITEM, ...texts('name', 'server_label'), arguments: JSON_TEXT };
