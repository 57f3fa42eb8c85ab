import type { Operation } from '../../core/operation.ts';
import {
  aBoolean,
  aNumber,
  aString,
  aStringOrObject,
  anArray,
  anInteger,
  anObject,
  arrayOf,
  inputs,
  notBackground,
  notStreamed,
  orNull,
  textOrItems,
} from './shape.ts';
import type { Shape } from './shape.ts';

/** The operations that have a body. */
export type BodyOperation = Exclude<Operation, 'models'>;

export interface OperationFields {
  /** Without `model`, which every operation requires. */
  readonly required: ReadonlyMap<string, Shape>;
  /** Every field that a decision rests on, now or later in the exchange, the required ones among them. Any other field passes as it is. */
  readonly shapes: ReadonlyMap<string, Shape>;
}

// What OpenAI documents as the most choices of one request.
const choicesMax = 128;

const fields = (required: Readonly<Record<string, Shape>>, optional: Readonly<Record<string, Shape>>): OperationFields => ({
  required: new Map(Object.entries(required)),
  shapes: new Map(Object.entries({ model: aString, ...required, ...optional })),
});

const SAMPLING = { temperature: orNull(aNumber), top_p: orNull(aNumber) };
const OPENAI_STREAM = { stream: orNull(aBoolean), stream_options: orNull(anObject) };
const OPENAI_CALLER = { user: orNull(aString), metadata: orNull(anObject), service_tier: orNull(aString), store: orNull(aBoolean) };
const ANTHROPIC_PROMPT = { system: textOrItems, tools: arrayOf('object', 0), tool_choice: anObject, thinking: anObject };

/**
 * The fields of each operation (developers.openai.com/api/reference and platform.claude.com/docs/en/api, as typed by the official
 * clients). OpenAI's take null for "not set" nearly everywhere, Anthropic's do not.
 */
export const FIELDS: Readonly<Record<BodyOperation, OperationFields>> = {
  chat: fields(
    { messages: arrayOf('object', 1) },
    {
      ...SAMPLING,
      ...OPENAI_STREAM,
      ...OPENAI_CALLER,
      max_tokens: orNull(anInteger(1)),
      max_completion_tokens: orNull(anInteger(1)),
      n: orNull(anInteger(1, choicesMax)),
      tools: orNull(arrayOf('object', 0)),
      tool_choice: orNull(aStringOrObject),
      functions: orNull(arrayOf('object', 0)),
      response_format: orNull(anObject),
      modalities: orNull(arrayOf('string', 0)),
    },
  ),
  completions: fields(
    { prompt: inputs },
    {
      ...SAMPLING,
      ...OPENAI_STREAM,
      user: orNull(aString),
      // Zero, with `echo`, asks for the log probabilities of the prompt alone.
      max_tokens: orNull(anInteger(0)),
      n: orNull(anInteger(1, choicesMax)),
      best_of: orNull(anInteger(1, choicesMax)),
      suffix: orNull(aString),
    },
  ),
  embeddings: fields({ input: inputs }, { dimensions: orNull(anInteger(1)), user: orNull(aString), stream: notStreamed }),
  responses: fields(
    {},
    {
      ...SAMPLING,
      ...OPENAI_STREAM,
      ...OPENAI_CALLER,
      input: textOrItems,
      instructions: orNull(aString),
      prompt: orNull(anObject),
      previous_response_id: orNull(aString),
      conversation: orNull(aStringOrObject),
      max_output_tokens: orNull(anInteger(1)),
      max_tool_calls: orNull(anInteger(1)),
      background: notBackground,
      tools: orNull(arrayOf('object', 0)),
      tool_choice: orNull(aStringOrObject),
      text: orNull(anObject),
      reasoning: orNull(anObject),
    },
  ),
  messages: fields(
    // Zero fills the provider's prompt cache without an answer.
    { messages: arrayOf('object', 1), max_tokens: anInteger(0) },
    {
      ...ANTHROPIC_PROMPT,
      stream: aBoolean,
      temperature: aNumber,
      top_p: aNumber,
      stop_sequences: anArray,
      metadata: anObject,
      service_tier: aString,
    },
  ),
  count_tokens: fields({ messages: arrayOf('object', 1) }, { ...ANTHROPIC_PROMPT, stream: notStreamed }),
};
