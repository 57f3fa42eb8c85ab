import type { Buffer } from 'node:buffer';
import { afterValue } from '../../json/children.ts';
import { BYTE, afterSpace, byteAt } from '../../json/cursor.ts';
import { readChannel } from './channel.ts';
import type { EventTexts } from './event-texts.ts';
import { findMember, memberName } from './literals.ts';
import type { MemberName } from './literals.ts';
import { judgeId } from './plain-literal.ts';

/** What the extra events of a stream share with those that its provider sends. State of one stream. */
export interface StreamHead {
  note(data: Buffer, event: EventTexts): void;
  /** What every chunk of a choice has, as the last chunk with a text of the model's had it; each member with a comma behind it. */
  members(): string;
  /** Of the item at this index of a response's output; undefined where no event has told it. */
  itemId(index: number): string | undefined;
}

const HEAD = ['id', 'object', 'created', 'model', 'service_tier', 'system_fingerprint'].map((name) => memberName(name));
const ITEM = memberName('item');
const ITEM_ID = memberName('item_id');
const ID = memberName('id');

/** Items of a response whose ids are kept: an extra event of any further one is without. */
const itemsMax = 4_096;

interface Noted {
  readonly data: Buffer;
  readonly event: EventTexts;
}

/** The member as it was sent; '' where it is not there, or is more than a word of the API's. */
function memberOf({ data, event }: Noted, member: MemberName): string {
  const start = findMember(data, afterSpace(data, 0), member);
  const end = start < 0 ? 0 : afterValue(data, start);
  const isPlain = start >= 0 && !event.sites.some((site) => site.start >= start && site.end <= end);
  return isPlain ? `"${member.name}":${data.toString('utf8', start, end)},` : '';
}

/** The id of the item that an event is about, by itself or in the item it brings. */
function itemIdIn(data: Buffer): string | undefined {
  const top = afterSpace(data, 0);
  const item = findMember(data, top, ITEM);
  const start = item < 0 ? findMember(data, top, ITEM_ID) : findMember(data, item, ID);
  const end = start < 0 ? 0 : afterValue(data, start);
  return start >= 0 && byteAt(data, start) === BYTE.quote && judgeId(data, start, end) === 'plain'
    ? data.toString('latin1', start + 1, end - 1)
    : undefined;
}

/** For operations whose events do not name items, only the chunk is kept. */
export function openHead(hasItems: boolean): StreamHead {
  let last: Noted | undefined;
  const itemIds = new Map<number, string | undefined>();
  const noteItem = (data: Buffer, channel: string): void => {
    const { outer } = readChannel(channel);
    if (itemIds.get(outer) === undefined && itemIds.size < itemsMax) {
      itemIds.set(outer, itemIdIn(data));
    }
  };
  return {
    note: (data, event) => {
      const flow = event.sites.find((site) => site.flow?.part === 'delta')?.flow;
      if (flow === undefined) {
        return;
      }
      if (hasItems) {
        noteItem(data, flow.channel);
      } else {
        last = { data, event };
      }
    },
    members: () => HEAD.map((member) => (last === undefined ? '' : memberOf(last, member))).join(''),
    itemId: (index) => itemIds.get(index),
  };
}
