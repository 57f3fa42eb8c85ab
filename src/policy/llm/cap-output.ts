import { Buffer } from 'node:buffer';
import type { Edit } from '../json/splice.ts';
import type { JudgedBody } from './body.ts';
import { CAP_FIELDS } from './caps.ts';
import type { CapField, StatedCap } from './caps.ts';
import { cappedTokens, type OutputCaps } from './worst-case.ts';

/** A model's caps, and the name by which a target understands them in a chat: OpenAI the newer, many servers that imitate it the older. */
export interface CapRule extends OutputCaps {
  readonly chatField: 'max_completion_tokens' | 'max_tokens';
}

const literal = (text: string): Buffer => Buffer.from(text, 'utf8');

const edit = (start: number, end: number, text: string): Edit => ({ start, end, replacement: literal(text) });

function fieldFor(judged: JudgedBody, rule: CapRule): CapField | undefined {
  return judged.operation === 'chat' ? rule.chatField : CAP_FIELDS[judged.operation][0];
}

/** The member as `field` with this cap: what is right already stays untouched. */
function setCap(cap: StatedCap, field: CapField, tokens: number): readonly Edit[] {
  const name = cap.field === field ? [] : [edit(cap.keyStart, cap.keyEnd, `"${field}"`)];
  return cap.tokens === tokens ? name : [...name, edit(cap.start, cap.end, String(tokens))];
}

/**
 * The edits that leave a body with one cap on its output, by the name that the target reads and not above the model's: the default where
 * none is stated, and none where there is no default either. A cap by another name is renamed, since a target that does not read it would
 * answer without. Of two names, one of which is null, the other becomes null. In order; none where nothing is to be changed, or where nothing
 * is generated.
 */
export function capEdits(judged: JudgedBody, rule: CapRule): readonly Edit[] {
  const field = fieldFor(judged, rule);
  const tokens = cappedTokens(judged, rule);
  if (field === undefined || tokens === undefined) {
    return [];
  }
  const kept = judged.caps.find((cap) => cap.field === field) ?? judged.caps[0];
  if (kept === undefined) {
    return [edit(judged.membersStart, judged.membersStart, `"${field}":${String(tokens)},`)];
  }
  return judged.caps.flatMap((cap) => {
    if (cap === kept) {
      return setCap(cap, field, tokens);
    }
    return cap.tokens === undefined ? [] : [edit(cap.start, cap.end, 'null')];
  });
}
