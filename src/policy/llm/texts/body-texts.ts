import { DEFAULT_SCAN_LIMITS } from '../../json/document.ts';
import type { Refused } from '../../json/document.ts';
import { scanDocument } from '../../json/scan.ts';
import type { BodyOperation } from '../fields.ts';
import { COUNT_ANSWER, MESSAGES_REQUEST, MESSAGE_ANSWER } from './anthropic-shapes.ts';
import { CHAT_REQUEST } from './chat-shapes.ts';
import { CHAT_ANSWER, COMPLETION, EMBEDDINGS_ANSWER } from './openai-answers.ts';
import { COMPLETIONS_REQUEST, EMBEDDINGS_REQUEST } from './plain-shapes.ts';
import { RESPONSE, RESPONSES_REQUEST } from './responses-shapes.ts';
import type { Rule } from './rule.ts';
import type { Origin, Texts } from './site.ts';
import { walkDocument } from './walk-rule.ts';

const REQUESTS: Readonly<Record<BodyOperation, Rule>> = {
  chat: CHAT_REQUEST,
  completions: COMPLETIONS_REQUEST,
  embeddings: EMBEDDINGS_REQUEST,
  responses: RESPONSES_REQUEST,
  messages: MESSAGES_REQUEST,
  count_tokens: MESSAGES_REQUEST,
};

const ANSWERS: Readonly<Record<BodyOperation, Rule>> = {
  chat: CHAT_ANSWER,
  completions: COMPLETION,
  embeddings: EMBEDDINGS_ANSWER,
  responses: RESPONSE,
  messages: MESSAGE_ANSWER,
  count_tokens: COUNT_ANSWER,
};

const texts = (bytes: Uint8Array, rule: Rule, origin: Origin): Texts => {
  const { sites, unreadable } = walkDocument(bytes, rule, { origin, part: undefined, isRequest: origin === 'parameter' });
  return { sites, unreadable };
};

export interface ReadTexts extends Texts {
  readonly kind: 'read';
}

/**
 * Every text of a request that `judgeBody` accepted: what a model can see, and what else a provider gets. What no table of the API's names
 * is there as `unknown`, so nothing passes unseen. Time is linear in the bytes.
 */
export const requestTexts = (operation: BodyOperation, bytes: Uint8Array): Texts => texts(bytes, REQUESTS[operation], 'parameter');

/** Every text of a whole answer in JSON, an error among them; refused where it is not one unambiguous JSON object. */
export function answerTexts(operation: BodyOperation, bytes: Uint8Array): ReadTexts | Refused {
  const scan = scanDocument(bytes, DEFAULT_SCAN_LIMITS);
  return scan.kind === 'refused' ? scan : { kind: 'read', ...texts(bytes, ANSWERS[operation], 'assistant') };
}
