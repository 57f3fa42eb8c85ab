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

/** Tools in tools: a namespace holds functions. Each level is read anew, hence few. */
const levelsMax = 4;

/** Calls `visit` for each tool of the list and each that one of these holds, until it says false. False then, and where they nest deeper. */
function everyTool(bytes: Uint8Array, list: Member | undefined, visit: (tool: Tool) => boolean, level = 1): boolean {
  if (list?.type !== 'array') {
    return true;
  }
  return everyElement(bytes, list, (span) => {
    const members = span.type === 'object' ? membersOf(bytes, span) : [];
    return (
      visit({ members, spanBytes: span.end - span.start, level }) &&
      members.filter(isToolList).every((inner) => level < levelsMax && everyTool(bytes, inner, visit, level + 1))
    );
  });
}

interface Tool {
  readonly members: readonly Member[];
  readonly spanBytes: number;
  readonly level: number;
}

const isToolList = (member: Member): boolean => foldName(member.key) === 'tools';

/** A tool that names a model (an adviser, an image generator) would call it unjudged. */
const namesNoModel = ({ members }: Pick<Tool, 'members'>): boolean => members.every((member) => foldName(member.key) !== 'model');

/** Items of a conversation bring tools along, too. What these cost is told of the item. */
const itemsNameNoModel = (bytes: Uint8Array, input: Member | undefined): boolean =>
  input?.type !== 'array' ||
  everyElement(
    bytes,
    input,
    (item) =>
      item.type !== 'object' ||
      membersOf(bytes, item)
        .filter(isToolList)
        .every((list) => everyTool(bytes, list, namesNoModel)),
  );

export function judgeTools(bytes: Uint8Array, operation: BodyOperation, found: ReadonlyMap<string, Member>): Outcome<JudgedTools> {
  const unbounded = noneUnbounded();
  let count = 0;
  let writtenTokens = 0;
  const clean = everyTool(bytes, found.get('tools'), (tool) => {
    count += tool.level === 1 ? 1 : 0;
    writtenTokens += noteTool(unbounded, operation, bytes, tool);
    return namesNoModel(tool);
  });
  return clean && (operation !== 'responses' || itemsNameNoModel(bytes, found.get('input')))
    ? next({ count, writtenTokens, unbounded })
    : deny('field_forbidden', 'tools[].model', 'The field is "model" of a tool: the provider would call that model unchecked.');
}
