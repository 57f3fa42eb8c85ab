import type { BodyOperation } from '../fields.ts';

/** The members on the way to what a model writes; arrays on the way are passed through. */
export interface TextPath {
  readonly isText: boolean;
  readonly members: ReadonlyMap<string, TextPath>;
}

const TEXT: TextPath = { isText: true, members: new Map() };

const holding = (members: Readonly<Record<string, TextPath>>): TextPath => ({ isText: false, members: new Map(Object.entries(members)) });

const texts = (...names: readonly string[]): TextPath => holding(Object.fromEntries(names.map((name) => [name, TEXT])));

const ARGUMENTS = texts('arguments', 'input');

const CHAT_MESSAGE = holding({
  content: TEXT,
  reasoning_content: TEXT,
  reasoning: TEXT,
  refusal: TEXT,
  function_call: ARGUMENTS,
  tool_calls: holding({ function: ARGUMENTS, custom: ARGUMENTS }),
});

/** Where whole answers hold text: what tools of the provider's found, and what of the request is repeated, lies elsewhere. */
export const TEXT_PATHS: Readonly<Record<BodyOperation, TextPath>> = {
  chat: holding({ choices: holding({ message: CHAT_MESSAGE }) }),
  completions: holding({ choices: texts('text') }),
  embeddings: holding({}),
  responses: holding({
    output: holding({ arguments: TEXT, input: TEXT, content: texts('text', 'refusal'), summary: texts('text') }),
  }),
  messages: holding({ content: texts('text', 'thinking') }),
  count_tokens: holding({}),
};
