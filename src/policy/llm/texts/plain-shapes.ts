import { OPENAI_PARAMETERS } from './chat-shapes.ts';
import { SCALAR, TEXT, TOKENS, either, from, listOf, object, scalars, words } from './rule.ts';
import type { Rule } from './rule.ts';

/** A text, a list of them, a list of token ids, or a list of such lists. */
const INPUTS = either({ string: TEXT, array: listOf(either({ string: TEXT, numbers: TOKENS })), numbers: TOKENS });

export const COMPLETIONS_REQUEST: Rule = object({
  ...OPENAI_PARAMETERS,
  prompt: from('user', INPUTS),
  suffix: from('user', TEXT),
  ...scalars('best_of', 'echo', 'logprobs'),
});

export const EMBEDDINGS_REQUEST: Rule = object({
  ...OPENAI_PARAMETERS,
  input: from('user', INPUTS),
  dimensions: SCALAR,
  encoding_format: words('float', 'base64'),
});
