import { everyElement, membersOf } from '../json/children.ts';
import type { Member, ValueSpan } from '../json/document.ts';
import { ITEM, NAMED_TYPES, TEXT_TYPES, UNKNOWN } from './element-types.ts';
import type { Found } from './element-types.ts';
import { pickMembers } from './spelling.ts';
import { noteUnbounded } from './unbounded.ts';
import type { UnboundedList } from './unbounded.ts';
import { typeOf } from './unbounded-tools.ts';

/** The members of an element that may hold more elements, by any of the APIs. */
const HOLDERS: ReadonlySet<string> = new Set(['type', 'role', 'content', 'output', 'summary', 'source', 'audio']);

/** Elements in elements: a message holds a tool's result, that a document, that its blocks. Each level is read anew, hence few. */
const levelsMax = 6;

interface Element {
  readonly picked: ReadonlyMap<string, Member>;
  readonly type: string;
  /** Thoughts of an earlier answer, of which the request has the id alone: without their sealed text the provider reads what it keeps. */
  readonly isNamedThought: boolean;
}

/** Two quotes. */
const emptyBytes = 2;

const isText = (members: readonly Member[], name: string): boolean =>
  members.some(({ key, type, start, end }) => key === name && type === 'string' && end - start > emptyBytes);

function readElement(bytes: Uint8Array, span: ValueSpan): Element | undefined {
  const members = membersOf(bytes, span);
  const picked = pickMembers(members, HOLDERS);
  const type = typeOf(bytes, members);
  if (picked === undefined || type === undefined) {
    return undefined;
  }
  return { picked, type, isNamedThought: type === 'reasoning' && isText(members, 'id') && !isText(members, 'encrypted_content') };
}

/** Where an element's source is an object: what kind of source, `''` where it has none or it cannot be told. */
const sourceType = (bytes: Uint8Array, source: Member | undefined): string =>
  source?.type === 'object' ? (typeOf(bytes, membersOf(bytes, source)) ?? '') : '';

/** What of an element is not bounded; undefined where all of it is text, apart from the elements that it holds. */
function unboundedOf(bytes: Uint8Array, { picked, type, isNamedThought }: Element): Found | undefined {
  // A document of Anthropic's whose text stands in the request.
  if (type === 'document' && ['text', 'content'].includes(sourceType(bytes, picked.get('source')))) {
    return undefined;
  }
  // OpenAI takes what has an id alone for a reference, and a message's audio is that of an earlier answer.
  if (isNamedThought || picked.get('audio')?.type === 'object' || (type === '' && !picked.has('role') && !picked.has('content'))) {
    return ITEM;
  }
  return NAMED_TYPES.get(type) ?? (TEXT_TYPES.has(type) ? undefined : UNKNOWN);
}

/** What an element holds: its content, a tool's output, a summary of thoughts, the blocks of a document. */
function heldBy(bytes: Uint8Array, { picked }: Element): readonly Member[] {
  const source = picked.get('source');
  const blocks = source?.type === 'object' ? membersOf(bytes, source).filter((member) => member.key === 'content') : [];
  return [...['content', 'output', 'summary'].flatMap((name) => picked.get(name) ?? []), ...blocks];
}

const note = (list: UnboundedList, span: ValueSpan, [kind, what]: Found): void => {
  noteUnbounded(list, kind, what, span.end - span.start);
};

function noteElement(list: UnboundedList, bytes: Uint8Array, span: ValueSpan, level: number): void {
  if (span.type === 'string') {
    return;
  }
  const element = span.type === 'object' && level <= levelsMax ? readElement(bytes, span) : undefined;
  if (element === undefined) {
    note(list, span, UNKNOWN);
    return;
  }
  const found = unboundedOf(bytes, element);
  if (found !== undefined) {
    note(list, span, found);
    return;
  }
  for (const held of heldBy(bytes, element)) {
    noteElements(list, bytes, held, level + 1);
  }
}

/**
 * Notes what the elements of a conversation (messages, items, parts) hold beside text. `value` is the list of them, a single one, or a
 * text. Total for any value of an accepted document.
 */
export function noteElements(list: UnboundedList, bytes: Uint8Array, value: ValueSpan | undefined, level = 1): void {
  if (value?.type === 'array') {
    everyElement(bytes, value, (element) => {
      noteElement(list, bytes, element, level);
      return true;
    });
  } else if (value?.type === 'object') {
    noteElement(list, bytes, value, level);
  }
}
