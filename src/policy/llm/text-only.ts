import type { Buffer } from 'node:buffer';
import { BYTE, asBuffer, byteAt } from '../json/cursor.ts';
import type { ValueSpan } from '../json/document.ts';

/** True where a brace of these bytes may open the value of a member, in a text or not. */
function nestsObject(bytes: Buffer): boolean {
  for (let brace = bytes.indexOf(BYTE.openBrace); brace >= 0; brace = bytes.indexOf(BYTE.openBrace, brace + 1)) {
    let before = brace - 1;
    while (before >= 0 && byteAt(bytes, before) <= 0x20) {
      before -= 1;
    }
    if (byteAt(bytes, before) === BYTE.colon) {
      return true;
    }
  }
  return false;
}

/**
 * True where the messages of a chat are surely text alone: their list is the only one and no member is an object, so that no content has
 * parts and no message names the audio of an earlier answer. Many chats are told so without being read.
 */
export function holdsTextOnly(input: Uint8Array, messages: ValueSpan): boolean {
  const bytes = asBuffer(input).subarray(messages.start + 1, messages.end);
  return !bytes.includes(BYTE.openBracket) && !nestsObject(bytes);
}
