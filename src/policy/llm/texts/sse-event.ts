import { Buffer } from 'node:buffer';
import { splice } from '../../json/splice.ts';
import type { Edit } from '../../json/splice.ts';
import type { EventData } from '../usage/sse-data.ts';
import { linesOf } from './sse-lines.ts';

const label = Buffer.from('data: ');

/** The new data on lines of its own, where the first of the old lines was. Line feeds in JSON stand between tokens, so any may stay. */
function onLines(data: Buffer, lineEnd: Buffer): readonly Buffer[] {
  return data
    .toString('utf8')
    .split('\n')
    .flatMap((line) => [label, Buffer.from(line, 'utf8'), lineEnd]);
}

/**
 * The event with the edits of its data made: the same bytes, uncopied, without any. Other lines stay as they are, and so does the framing
 * of data on one line; data on several lines is written anew.
 */
export function writeEvent(block: Buffer, data: EventData, edits: readonly Edit[]): Buffer {
  if (edits.length === 0) {
    return block;
  }
  const { start: offset } = data;
  if (offset !== undefined) {
    return splice(
      block,
      edits.map(({ start, end, replacement }) => ({ start: start + offset, end: end + offset, replacement })),
    );
  }
  const lines = linesOf(block);
  const first = lines.findIndex((line) => line.isData);
  return Buffer.concat(
    lines.flatMap((line, index) => {
      if (!line.isData) {
        return [line.bytes];
      }
      return index === first ? onLines(splice(data.bytes, edits), line.lineEnd) : [];
    }),
  );
}
