import { Buffer } from 'node:buffer';
import { cr, lf, openLineEnds } from './line-ends.ts';

const space = 0x20;
const colon = 0x3a;
const field = Buffer.from('data');
const mark = Buffer.from([0xef, 0xbb, 0xbf]);

/** True where `word` stands at `at`: a loop, since calling a comparison costs more for so few bytes. */
function standsAt(block: Buffer, word: Buffer, at: number): boolean {
  for (let index = 0; index < word.length; index += 1) {
    if (block[at + index] !== word[index]) {
      return false;
    }
  }
  return true;
}

/** Where the data of an event lies. */
export interface EventData {
  /** The values of its `data` lines, with line feeds between them. */
  readonly bytes: Buffer;
  /** Its offset in the event; undefined where there are several lines. */
  readonly start: number | undefined;
}

/** The offset of the line's value where it is a `data` line; -1 where it is not. One space behind the colon is no part of it. */
export function valueStart(block: Buffer, start: number, end: number): number {
  const next = start + field.length;
  if (next > end || !standsAt(block, field, start)) {
    return -1;
  }
  if (next === end) {
    return end;
  }
  if (block[next] !== colon) {
    return -1;
  }
  return block[next + 1] === space && next + 1 < end ? next + 2 : next + 1;
}

/** The offset of an event's first line: a stream may begin with a byte order mark. */
export const afterMark = (block: Buffer): number => (standsAt(block, mark, 0) ? mark.length : 0);

/** The data of one event as the splitter hands it over; undefined where it has none (comments, blank lines, other fields). */
export function dataOf(block: Buffer): EventData | undefined {
  const lines = openLineEnds(block);
  const values: Buffer[] = [];
  let first = -1;
  let at = afterMark(block);
  while (at < block.length) {
    const found = lines.next(at);
    const end = found < 0 ? block.length : found;
    const start = valueStart(block, at, end);
    if (start >= 0) {
      first = values.length === 0 ? start : first;
      values.push(block.subarray(start, end));
    }
    at = end + (block[end] === cr && block[end + 1] === lf ? 2 : 1);
  }
  const [only] = values;
  if (only === undefined) {
    return undefined;
  }
  return values.length === 1 ? { bytes: only, start: first } : { bytes: joined(values), start: undefined };
}

const joined = (values: readonly Buffer[]): Buffer =>
  Buffer.concat(values.flatMap((value, index) => (index === 0 ? [value] : [Buffer.from('\n'), value])));

const closing = Buffer.from('[DONE]');

/** The last event of OpenAI's streams. */
export const isDone = ({ bytes }: EventData): boolean => bytes.length === closing.length && bytes.equals(closing);
