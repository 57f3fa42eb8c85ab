import { Buffer } from 'node:buffer';
import { DEFAULT_SCAN_LIMITS } from '../json/document.ts';
import type { Member } from '../json/document.ts';
import { scanDocument } from '../json/scan.ts';
import { splice } from '../json/splice.ts';
import { dataOf } from './usage/sse-data.ts';

const usageName = Buffer.from('"usage"');
const nothing = Buffer.alloc(0);

const isEmptyArray = (bytes: Buffer, member: Member | undefined): boolean =>
  member?.type === 'array' && bytes.subarray(member.start + 1, member.end - 1).every((byte) => byte <= 0x20);

/** From the member's name, or the comma before it, up to the next member, or behind the value where there is none. */
function spanOf(members: readonly Member[], index: number): { readonly start: number; readonly end: number } {
  const [before, member, after] = [members[index - 1], members[index], members[index + 1]];
  const keyStart = member?.keyStart ?? 0;
  const end = member?.end ?? 0;
  return after === undefined ? { start: before?.end ?? keyStart, end } : { start: keyStart, end: after.keyStart };
}

/**
 * One event of a stream of OpenAI's as a client gets it that has not asked for usage: without `"usage":null`, and nothing of the event
 * that is there for the usage alone. Any other event is the same bytes; so is one that this gateway cannot read.
 */
export function stripUsage(block: Buffer): Buffer {
  const data = block.includes(usageName) ? dataOf(block) : undefined;
  const scan = data === undefined ? undefined : scanDocument(data.bytes, DEFAULT_SCAN_LIMITS);
  if (data === undefined || scan?.kind !== 'object') {
    return block;
  }
  const { members } = scan;
  const index = members.findIndex((member) => member.key === 'usage');
  const type = members[index]?.type;
  if (
    type === 'object' &&
    isEmptyArray(
      data.bytes,
      members.find((member) => member.key === 'choices'),
    )
  ) {
    return nothing;
  }
  if (type !== 'null' || data.start === undefined) {
    return block;
  }
  const { start, end } = spanOf(members, index);
  return splice(block, [{ start: data.start + start, end: data.start + end, replacement: nothing }]);
}
