import { CHAT_ANNOTATIONS, CHAT_PART, CHAT_ROLE } from './chat-shapes.ts';
import { CHOICE, COMPLETION, OPENAI_ANSWER } from './openai-answers.ts';
import {
  ENCRYPTED,
  SIGNED,
  TEXT,
  either,
  ids,
  jsonField,
  listOf,
  object,
  scalars,
  textField,
  typed,
  unreadable,
  withTypes,
  words,
} from './rule.ts';
import type { Rule } from './rule.ts';

/** A call of a tool: its name comes whole, its arguments in pieces. */
const CALL_DELTA = object(
  {
    ...ids('id'),
    ...scalars('index'),
    type: words('function', 'custom'),
    function: object({ name: TEXT, arguments: jsonField('arguments') }),
    custom: object({ name: TEXT, input: textField('input') }),
  },
  { keys: ['index'] },
);

const THOUGHT = either({ string: textField('thought'), array: listOf(typed({ text: { text: textField('thought') } })) });
const { types: PIECES } = typed({ text: { text: textField('content') }, thinking: { thinking: THOUGHT, ...scalars('closed') } });

/** Servers that imitate the API may send a content in parts, as pieces of it. */
const CONTENT = either({ string: textField('content'), array: listOf(withTypes(CHAT_PART, PIECES)) });

/** What some say of thoughts beside their text. */
const THOUGHT_DETAIL = object(
  {
    type: words('reasoning.text', 'reasoning.summary', 'reasoning.encrypted'),
    ...ids('id', 'format'),
    ...scalars('index'),
    text: textField('detail'),
    summary: textField('detail_summary'),
    data: ENCRYPTED,
    signature: SIGNED,
  },
  { keys: ['index'] },
);

const DELTA = object({
  role: CHAT_ROLE,
  content: CONTENT,
  refusal: textField('refusal'),
  reasoning_content: textField('reasoning_content'),
  reasoning: textField('reasoning'),
  reasoning_details: listOf(THOUGHT_DETAIL),
  tool_calls: listOf(CALL_DELTA),
  function_call: object({ name: TEXT, arguments: jsonField('function_call') }),
  audio: object({ ...ids('id'), ...scalars('expires_at'), data: unreadable('audio'), transcript: textField('transcript') }),
  annotations: CHAT_ANNOTATIONS,
});

/** One chunk of a streamed chat; a choice that says why it ended has nothing more to say. */
export const CHAT_CHUNK: Rule = object({ ...OPENAI_ANSWER, choices: listOf(object({ ...CHOICE, delta: DELTA }, { keys: ['index'] })) });

export const COMPLETION_CHUNK: Rule = COMPLETION;
