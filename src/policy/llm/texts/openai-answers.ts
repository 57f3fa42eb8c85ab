import { CHAT_REPLY } from './chat-shapes.ts';
import { BASE64, DATA, FIGURES, FINISH, LOGPROBS, MODEL, TEXT, from, ids, listOf, object, scalars, textField } from './rule.ts';
import type { Members, Rule } from './rule.ts';

/** What every answer of OpenAI's may be, and what its parts may have: an error quotes what it likes. */
export const OPENAI_ANSWER: Members = {
  ...ids('id', 'object', 'service_tier', 'system_fingerprint', 'obfuscation'),
  ...scalars('created'),
  model: MODEL,
  usage: FIGURES,
  metadata: DATA,
  moderation: DATA,
  // Azure's verdicts.
  prompt_filter_results: FIGURES,
  error: from('error', DATA),
};

/** A choice; `stop_reason` is what servers that imitate this API say beside why it ended. */
export const CHOICE: Members = {
  ...scalars('index'),
  finish_reason: FINISH,
  stop_reason: TEXT,
  logprobs: LOGPROBS,
  content_filter_results: FIGURES,
};

export const CHAT_ANSWER: Rule = object({ ...OPENAI_ANSWER, choices: listOf(object({ ...CHOICE, message: CHAT_REPLY })) });

/** Of completions, whole and in events. */
export const COMPLETION: Rule = object({
  ...OPENAI_ANSWER,
  choices: listOf(object({ ...CHOICE, text: textField('text') }, { keys: ['index'] })),
});

/** Vectors, as numbers or as base64. */
export const EMBEDDINGS_ANSWER: Rule = object({
  ...OPENAI_ANSWER,
  data: listOf(object({ ...ids('object'), ...scalars('index'), embedding: BASE64 })),
});
