import { Buffer } from 'node:buffer';
import { EVENT_SCAN_LIMITS } from '../json/document.ts';
import type { Member } from '../json/document.ts';
import { scanDocument } from '../json/scan.ts';
import { splice } from '../json/splice.ts';
import { memberSpan } from './usage/event-walk.ts';
import type { EventFacts } from './usage/event-walk.ts';
import type { EventData } from './usage/sse-data.ts';

const nothing = Buffer.alloc(0);

const isEmptyArray = (bytes: Buffer, member: Member | undefined): boolean =>
  member?.type === 'array' && bytes.subarray(member.start + 1, member.end - 1).every((byte) => byte <= 0x20);

/** True for the event that `include_usage` adds: usage, and no choices. */
function isForUsage(data: Buffer): boolean {
  const scan = scanDocument(data, EVENT_SCAN_LIMITS);
  const members = scan.kind === 'object' ? scan.members : [];
  const isTold = members.some((member) => member.key === 'usage' && member.type === 'object');
  return (
    isTold &&
    isEmptyArray(
      data,
      members.find((member) => member.key === 'choices'),
    )
  );
}

/**
 * One event of a stream of OpenAI's as a client gets it that has not asked for usage: without `"usage":null`, and nothing of the event
 * that is there for the usage alone. Any other event is the same bytes; so is one that this gateway cannot read.
 */
export function stripUsage(block: Buffer, data: EventData, facts: EventFacts): Buffer {
  if (facts.mayReport) {
    return isForUsage(data.bytes) ? nothing : block;
  }
  if (facts.nullUsage === undefined || data.start === undefined) {
    return block;
  }
  const { start, end } = memberSpan(data.bytes, facts.nullUsage.nameStart, facts.nullUsage.valueStart);
  return splice(block, [{ start: data.start + start, end: data.start + end, replacement: nothing }]);
}
