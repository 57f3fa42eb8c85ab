import { Buffer } from 'node:buffer';
import { BYTE, afterSpace, byteAt } from '../../json/cursor.ts';
import type { BodyOperation } from '../fields.ts';

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
  /** Only events that hold one of these have text of the model's; empty = any. */
  readonly events: readonly Buffer[];
  /** Events of these have data that is no text. */
  readonly noText: readonly Buffer[];
  /** The names of the members that are text. */
  readonly names: readonly Buffer[];
}

const quoted = (...names: readonly string[]): readonly Buffer[] => names.map((name) => Buffer.from(`"${name}"`));
const NO_MARKS: Marks = { events: [], noText: [], names: [] };
const CHAT_NAMES = quoted('content', 'reasoning_content', 'reasoning', 'refusal', 'arguments', 'input');

/** Where the streams of each API carry what the model writes: answers, thoughts that are shown, arguments of tools. */
const MARKS: Readonly<Record<BodyOperation, Marks>> = {
  chat: { events: [], noText: [], names: CHAT_NAMES },
  completions: { events: [], noText: [], names: quoted('text') },
  embeddings: NO_MARKS,
  responses: { events: [Buffer.from('.delta"')], noText: [Buffer.from('.audio.delta"')], names: quoted('delta') },
  messages: { events: quoted('content_block_delta'), noText: [], names: quoted('text', 'partial_json', 'thinking') },
  count_tokens: NO_MARKS,
};

/** UTF-8 bytes of the JSON string whose opening quote is at `quote`; `\uXXXX` is taken for two. */
function stringBytes(bytes: Buffer, quote: number): number {
  let count = 0;
  let at = quote + 1;
  while (at < bytes.length && bytes[at] !== BYTE.quote) {
    const isEscape = bytes[at] === BYTE.backslash;
    const isCode = isEscape && bytes[at + 1] === BYTE.lowerU;
    count += isCode ? 2 : 1;
    at += isCode ? 6 : isEscape ? 2 : 1;
  }
  return count;
}

/** The bytes of all strings that are members of this name. A name within a text has escaped quotes and is not found. */
function bytesNamed(data: Buffer, name: Buffer): number {
  let count = 0;
  for (let found = data.indexOf(name); found >= 0; found = data.indexOf(name, found + name.length)) {
    const colon = afterSpace(data, found + name.length);
    const value = byteAt(data, colon) === BYTE.colon ? afterSpace(data, colon + 1) : colon;
    count += value > colon && byteAt(data, value) === BYTE.quote ? stringBytes(data, value) : 0;
  }
  return count;
}

/** The bytes of text in the data of one event of a stream. Total for any bytes; reads no more of the JSON than that. */
export function textBytesOf(operation: BodyOperation, data: Buffer): number {
  const { events, noText, names } = MARKS[operation];
  if (events.some((mark) => !data.includes(mark)) || noText.some((mark) => data.includes(mark))) {
    return 0;
  }
  return names.reduce((sum, name) => sum + bytesNamed(data, name), 0);
}
