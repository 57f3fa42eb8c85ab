import { Buffer } from 'node:buffer';
import type { BodyOperation } from '../fields.ts';
import { nameTable } from './event-walk.ts';
import type { NameTable } from './event-walk.ts';

/**
 * The longest token of the public vocabularies (GPT, Llama, Qwen and their kin: 128 spaces): text cannot have been fewer tokens than its
 * bytes by this. Ordinary text has 3 to 10 bytes a token, so a figure below is no matter of counting, it is wrong.
 */
const tokenBytesMax = 128;

/** Bytes of a token in English text. Only a guess: other text has more tokens, or fewer. */
const tokenBytesLikely = 4;

/** What was seen of an answer's text: its UTF-8 bytes, and the events of a stream that carried some of it. */
export interface Observed {
  readonly textBytes: number;
  readonly textEvents: number;
}

/** Tokens that the text was at least, whatever the model. */
export const leastTokens = ({ textBytes }: Observed): number => Math.ceil(textBytes / tokenBytesMax);

/** Tokens that the text was about, streamed or not. */
export const likelyTokens = ({ textBytes }: Observed): number => Math.ceil(textBytes / tokenBytesLikely);

/** Tokens that a stream has carried, about: providers that stream token by token put one into each event at least. */
export const streamedTokens = (observed: Observed): number =>
  Math.max(Math.min(observed.textEvents, observed.textBytes), likelyTokens(observed));

interface Marks {
  /** Only events that hold this have text of the model's; undefined = any. */
  readonly event: Buffer | undefined;
  /** Events that hold this have data that is no text. */
  readonly noText: Buffer | undefined;
}

const ANY_EVENT: Marks = { event: undefined, noText: undefined };
const NO_NAMES = nameTable();

/** Where the streams of each API carry what the model writes: answers, thoughts that are shown, arguments of tools. */
export const TEXT_NAMES: Readonly<Record<BodyOperation, NameTable>> = {
  chat: nameTable('content', 'reasoning_content', 'reasoning', 'refusal', 'arguments', 'input'),
  completions: nameTable('text'),
  embeddings: NO_NAMES,
  responses: nameTable('delta'),
  messages: nameTable('text', 'partial_json', 'thinking'),
  count_tokens: NO_NAMES,
};

const MARKS: Readonly<Record<BodyOperation, Marks>> = {
  chat: ANY_EVENT,
  completions: ANY_EVENT,
  embeddings: ANY_EVENT,
  responses: { event: Buffer.from('.delta"'), noText: Buffer.from('.audio.delta"') },
  messages: { event: Buffer.from('"content_block_delta"'), noText: undefined },
  count_tokens: ANY_EVENT,
};

/** True where strings of these names in an event are what the model wrote. */
export function carriesText(operation: BodyOperation, data: Buffer): boolean {
  const { event, noText } = MARKS[operation];
  return (event === undefined || data.includes(event)) && (noText === undefined || !data.includes(noText));
}
