import { deny, next } from '../../core/outcome.ts';
import type { Outcome } from '../../core/outcome.ts';
import { everyElement, membersOf } from '../json/children.ts';
import type { Member } from '../json/document.ts';
import type { BodyOperation } from './fields.ts';
import { foldName } from './forbidden-fields.ts';
import { noneUnbounded } from './unbounded.ts';
import type { UnboundedList } from './unbounded.ts';
import { noteTool } from './unbounded-tools.ts';

/** The tools of a request: how many, what the provider writes about them itself (tokens), and those that it runs. */
export interface JudgedTools {
  readonly count: number;
  readonly writtenTokens: number;
  readonly unbounded: UnboundedList;
}

/** A tool that names a model (an adviser, an image generator) would call it unjudged. */
export function judgeTools(bytes: Uint8Array, operation: BodyOperation, tools: Member | undefined): Outcome<JudgedTools> {
  const unbounded = noneUnbounded();
  let count = 0;
  let writtenTokens = 0;
  const clean =
    tools?.type !== 'array' ||
    everyElement(bytes, tools, (tool) => {
      const members = tool.type === 'object' ? membersOf(bytes, tool) : [];
      count += 1;
      writtenTokens += noteTool(unbounded, operation, bytes, { members, spanBytes: tool.end - tool.start });
      return members.every((member) => foldName(member.key) !== 'model');
    });
  return clean
    ? next({ count, writtenTokens, unbounded })
    : deny('field_forbidden', 'tools[].model', 'The field is "model" of a tool: the provider would call that model unchecked.');
}
