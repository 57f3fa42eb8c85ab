import { Buffer, isAscii } from 'node:buffer';
import { BYTE, asBuffer } from '../json/cursor.ts';
import { normalForm } from '../normal-form.ts';
import type { BodyOperation } from './fields.ts';

const escapeStart = Buffer.from('\\u');

/** The text with its `\uXXXX` as the characters that they stand for; other escapes stay, since they are longer than what they mean. */
function unescaped(text: string): string {
  const units = new Uint16Array(text.length);
  let length = 0;
  let at = 0;
  while (at < text.length) {
    const unit = text.charCodeAt(at);
    const isCode = unit === BYTE.backslash && text.charCodeAt(at + 1) === BYTE.lowerU;
    units[length] = isCode ? Number.parseInt(text.slice(at + 2, at + 6), 16) : unit;
    length += 1;
    // The second half of `\\` never begins an escape.
    if (unit === BYTE.backslash && !isCode) {
      units[length] = text.charCodeAt(at + 1);
      length += 1;
    }
    at += isCode ? 6 : unit === BYTE.backslash ? 2 : 1;
  }
  return Buffer.from(units.buffer, 0, length * 2).toString('utf16le');
}

/**
 * The most tokens that the text of a body can be, its JSON included. A token of a byte-level vocabulary stands for at least one byte of
 * UTF-8, and one of a vocabulary of words or characters for at least one character; so there are never more than bytes. Some models
 * bring a text into a normal form first, which can be longer (U+FDFA becomes 18 letters): the longest of the forms counts.
 *
 * Templates put a few tokens around each message, system prompt and tool (OpenAI: 3 to 8), each of which takes more bytes than
 * that of JSON (`{"role":"user","content":""},` = 29): so the envelope pays for them. What providers add beyond is `addedTokensMax`.
 */
export function textTokensMax(input: Uint8Array): number {
  const bytes = asBuffer(input);
  const isEscaped = bytes.includes(escapeStart);
  if (!isEscaped && isAscii(bytes)) {
    return bytes.length;
  }
  const text = isEscaped ? unescaped(bytes.toString('utf8')) : bytes.toString('utf8');
  const forms = (['NFC', 'NFKC'] as const).map((form) => Buffer.byteLength(normalForm(text, form), 'utf8'));
  return Math.max(bytes.length, ...forms);
}

/**
 * System prompts that models bring along (a date, channels of an answer: under 100 tokens in the common templates), and what Anthropic
 * adds where tools are given (documented: 159 to 530 tokens). Tokens.
 */
const ADDED_TOKENS: Readonly<Record<BodyOperation, { readonly always: number; readonly withTools: number }>> = {
  chat: { always: 128, withTools: 1_024 },
  completions: { always: 0, withTools: 0 },
  embeddings: { always: 0, withTools: 0 },
  responses: { always: 128, withTools: 1_024 },
  messages: { always: 128, withTools: 1_024 },
  count_tokens: { always: 0, withTools: 0 },
};

/** What the provider may add to the input beyond the bytes of the request; `writtenTokens` are those of tools that it defines itself. */
export function addedTokensMax(operation: BodyOperation, tools: { readonly count: number; readonly writtenTokens: number }): number {
  const { always, withTools } = ADDED_TOKENS[operation];
  return always + (tools.count > 0 ? withTools : 0) + tools.writtenTokens;
}
