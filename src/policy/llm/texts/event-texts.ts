import type { Buffer } from 'node:buffer';
import { never } from '../../../core/assert.ts';
import { everyElement } from '../../json/children.ts';
import { EVENT_SCAN_LIMITS } from '../../json/document.ts';
import type { Member, Refused } from '../../json/document.ts';
import { readInteger, readString } from '../../json/read.ts';
import { scanDocument } from '../../json/scan.ts';
import type { BodyOperation } from '../fields.ts';
import { isDone } from '../usage/sse-data.ts';
import type { EventData } from '../usage/sse-data.ts';
import { ANTHROPIC_EVENTS } from './anthropic-events.ts';
import { CHAT_CHUNK, COMPLETION_CHUNK } from './chat-events.ts';
import { RESPONSES_EVENTS } from './responses-events.ts';
import type { Rule } from './rule.ts';
import { UNKNOWN_EVENT } from './typed-event.ts';
import type { EventRule } from './typed-event.ts';
import type { Texts } from './site.ts';
import { walkDocument } from './walk-rule.ts';

/** The number that a response's event has among its like. */
export interface Sequence {
  readonly value: number;
  readonly start: number;
  readonly end: number;
}

/** What one event of a stream says. Offsets are those of its data. */
export interface EventTexts extends Texts {
  readonly kind: 'event';
  /** Scopes whose texts go on no more (`isClosed`): what was held back of them goes out with this event's own pieces of them, or before it. */
  readonly closes: 'all' | readonly string[];
  readonly sequence: Sequence | undefined;
}

export type EventReading = EventTexts | { readonly kind: 'done' } | Refused;

/** True where the texts of the channel end with the event. */
export const isClosed = ({ closes }: EventTexts, channel: string): boolean =>
  closes === 'all' || closes.some((scope) => channel.startsWith(`${scope}/`) || channel.startsWith(`${scope}.`));

type Members = readonly Member[];

/** What does not stream: any event is unknown. */
const NO_EVENTS: ReadonlyMap<string, EventRule> = new Map();

const named = (members: Members, name: string): Member | undefined => members.find((member) => member.key === name);

/** A chunk that is there for the usage alone, or has an error, is behind all texts. Others without choices come before them, too. */
function isLast(data: Buffer, members: Members): boolean {
  const choices = named(members, 'choices');
  const hasChoices = choices?.type === 'array' && !everyElement(data, choices, () => false);
  return (named(members, 'error')?.type ?? 'null') !== 'null' || (!hasChoices && named(members, 'usage')?.type === 'object');
}

function chunkTexts(data: Buffer, members: Members, rule: Rule): EventTexts {
  const { sites, unreadable, closed } = walkDocument(data, rule, { origin: 'assistant', part: 'delta' });
  return { kind: 'event', sites, unreadable, closes: isLast(data, members) ? 'all' : closed, sequence: undefined };
}

function typedTexts(data: Buffer, members: Members, rules: ReadonlyMap<string, EventRule>): EventTexts {
  const type = named(members, 'type');
  const { rule, part, closesAll } = rules.get(type?.type === 'string' ? readString(data, type) : '') ?? UNKNOWN_EVENT;
  const { sites, unreadable, closed } = walkDocument(data, rule, { origin: 'assistant', part });
  return { kind: 'event', sites, unreadable, closes: closesAll ? 'all' : closed, sequence: sequenceOf(data, members) };
}

function sequenceOf(data: Buffer, members: Members): Sequence | undefined {
  const member = named(members, 'sequence_number');
  const value = member === undefined ? undefined : readInteger(data, member);
  return member === undefined || value === undefined ? undefined : { value, start: member.start, end: member.end };
}

/** Every text of one event of a stream, by its data; refused where that is not one unambiguous JSON object. */
export function eventTexts(operation: BodyOperation, data: EventData): EventReading {
  if (isDone(data)) {
    return { kind: 'done' };
  }
  const { bytes } = data;
  const scan = scanDocument(bytes, EVENT_SCAN_LIMITS);
  if (scan.kind === 'refused') {
    return scan;
  }
  switch (operation) {
    case 'chat':
      return chunkTexts(bytes, scan.members, CHAT_CHUNK);
    case 'completions':
      return chunkTexts(bytes, scan.members, COMPLETION_CHUNK);
    case 'responses':
      return typedTexts(bytes, scan.members, RESPONSES_EVENTS);
    case 'messages':
      return typedTexts(bytes, scan.members, ANTHROPIC_EVENTS);
    case 'embeddings':
    case 'count_tokens':
      return typedTexts(bytes, scan.members, NO_EVENTS);
    default:
      return never(operation);
  }
}
