import { BLOCK, CITATION } from './anthropic-blocks.ts';
import { MESSAGE_ANSWER, STOPPED } from './anthropic-shapes.ts';
import { DATA, FIGURES, SCALAR, SIGNED, from, ids, jsonField, object, scalars, textField, typed, unreadable } from './rule.ts';
import { eventRule } from './typed-event.ts';
import type { EventRule } from './typed-event.ts';

/** A piece of a block. Thoughts are signed as a whole, so no piece of one is ever edited. */
const DELTA = typed({
  text_delta: { text: textField('text') },
  input_json_delta: { partial_json: jsonField('partial_json') },
  citations_delta: { citation: CITATION },
  thinking_delta: { thinking: SIGNED, ...scalars('estimated_tokens') },
  signature_delta: { signature: SIGNED },
  compaction_delta: { content: SIGNED, encrypted_content: unreadable('encrypted') },
});

const INDEX = { index: SCALAR };
const keys = ['index'];

/** The text of a block may begin in the event that opens it. */
export const ANTHROPIC_EVENTS: ReadonlyMap<string, EventRule> = new Map([
  eventRule('message_start', { message: MESSAGE_ANSWER }, { part: 'delta' }),
  eventRule('content_block_start', { ...INDEX, content_block: BLOCK }, { part: 'delta', keys }),
  eventRule('content_block_delta', { ...INDEX, delta: DELTA }, { part: 'delta', keys }),
  eventRule('content_block_stop', INDEX, { closing: 'scope', keys }),
  eventRule('message_delta', { delta: object(STOPPED), usage: FIGURES, context_management: FIGURES }, { closing: 'all' }),
  eventRule('message_stop', {}, { closing: 'all' }),
  eventRule('ping', {}),
  eventRule('error', { error: from('error', DATA), ...ids('request_id') }, { closing: 'all' }),
]);
