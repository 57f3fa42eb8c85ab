import type { Buffer } from 'node:buffer';
import { asBuffer } from '../json/cursor.ts';
import { encodeString, splice } from '../json/splice.ts';
import type { JudgedBody } from './body.ts';

/** The judged bytes for one target: its own name of the model in place of the client's, and nothing else changed. */
export function rewriteBody(bytes: Uint8Array, judged: JudgedBody, target: { readonly model: string }): Buffer {
  if (target.model === judged.model) {
    return asBuffer(bytes);
  }
  return splice(bytes, [{ start: judged.modelStart, end: judged.modelEnd, replacement: encodeString(target.model) }]);
}
