import { Buffer } from 'node:buffer';
import { cr, lf, openLineEnds } from '../usage/line-ends.ts';
import { afterMark, valueStart } from '../usage/sse-data.ts';
import { judgeId } from './plain-literal.ts';

/** A line of an event with its line end; a byte order mark is a line of its own without one. */
export interface Line {
  readonly bytes: Buffer;
  readonly isData: boolean;
  readonly lineEnd: Buffer;
}

const nothing = Buffer.alloc(0);

export function linesOf(block: Buffer): readonly Line[] {
  const ends = openLineEnds(block);
  let at = afterMark(block);
  const lines: Line[] = [{ bytes: block.subarray(0, at), isData: false, lineEnd: nothing }];
  while (at < block.length) {
    const found = ends.next(at);
    const end = found < 0 ? block.length : found;
    const next = end + (block[end] === cr && block[end + 1] === lf ? 2 : 1);
    lines.push({ bytes: block.subarray(at, next), isData: valueStart(block, at, end) >= 0, lineEnd: block.subarray(end, next) });
    at = next;
  }
  return lines;
}

const fieldNames = /^(?:event|id|retry): ?(.*)$/s;
const comment = Buffer.from(':');

/** True for a field of the framing whose value is a word or an id. */
function isPlainField(text: string): boolean {
  const [, value] = fieldNames.exec(text) ?? [];
  const literal = Buffer.from(`"${value ?? ''}"`, 'utf8');
  return value !== undefined && judgeId(literal, 0, literal.length) === 'plain';
}

const mark = '\ufeff';

/** True where the line holds no text but its data. */
function isBare({ bytes, isData, lineEnd }: Line): boolean {
  const text = isData ? '' : bytes.toString('utf8', 0, bytes.length - lineEnd.length);
  return text === '' || text === ':' || text === mark || isPlainField(text);
}

const isComment = ({ bytes }: Line): boolean => bytes.indexOf(comment) === 0;

/**
 * The event without any text but its data: comments are emptied, since they keep a connection open, and fields other than words and ids are
 * left out. The same bytes, uncopied, where it has none.
 */
export function bareEvent(block: Buffer): Buffer {
  const lines = linesOf(block);
  if (lines.every((line) => isBare(line))) {
    return block;
  }
  return Buffer.concat(
    lines.flatMap((line) => {
      if (isBare(line)) {
        return [line.bytes];
      }
      return isComment(line) ? [comment, line.lineEnd] : [];
    }),
  );
}
