/** What is worth a refusal by itself, apart from any score. */
export type BlockerKind = 'control_tokens' | 'hidden_text' | 'exfiltration_link';

const names = [
  'im_(?:start|end|sep)|system|user|assistant|tool|start|end|message|channel|return|constrain|call',
  'endoftext|startoftext|endofprompt|begin_of_text|end_of_text|start_header_id|end_header_id|eot_id|eom_id',
  'python_tag|fim_(?:prefix|middle|suffix)|(?:start|end)_of_role|(?:begin|end)▁of▁sentence',
];

/** Cheap and necessary. */
const opening = /<\||\[\/?[ast]|\[\/?inst|<<|of turn>/;

/**
 * The tokens by which chat templates tell roles apart. Within a message they can only be an attempt to speak as somebody else, or a question
 * about templates, which an operator may want to let pass. `<s>` is left out: it is HTML too.
 */
const controlTokens = new RegExp(
  `<\\|(?:${names.join('|').replaceAll('_', ' ')})\\|>|\\[/?(?:inst|system prompt|available tools|tool calls|tool results)\\]|<</?sys>>|<(?:start|end) of turn>`,
);

/** Of the normalised copy, where a full-width bar is a bar, `_` is a space and nothing invisible stands between. */
export const hasControlTokens = (plain: string): boolean => opening.test(plain) && controlTokens.test(plain);
