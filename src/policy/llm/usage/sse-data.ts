import { Buffer } from 'node:buffer';

const lf = 0x0a;
const cr = 0x0d;
const space = 0x20;
const colon = 0x3a;
const field = Buffer.from('data');
const mark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Where the data of an event lies. */
export interface EventData {
  /** The values of its `data` lines, with line feeds between them. */
  readonly bytes: Buffer;
  /** Its offset in the event; undefined where there are several lines. */
  readonly start: number | undefined;
}

/** The offset of the line's value where it is a `data` line; -1 where it is not. One space behind the colon is no part of it. */
function valueStart(block: Buffer, start: number, end: number): number {
  if (block.compare(field, 0, field.length, start, Math.min(end, start + field.length)) !== 0) {
    return -1;
  }
  const next = start + field.length;
  if (next === end) {
    return end;
  }
  if (block[next] !== colon) {
    return -1;
  }
  return block[next + 1] === space && next + 1 < end ? next + 2 : next + 1;
}

function lineEnd(block: Buffer, from: number): number {
  let at = from;
  while (at < block.length && block[at] !== lf && block[at] !== cr) {
    at += 1;
  }
  return at;
}

/** The data of one event as the splitter hands it over; undefined where it has none (comments, blank lines, other fields). */
export function dataOf(block: Buffer): EventData | undefined {
  let at = block.compare(mark, 0, mark.length, 0, Math.min(block.length, mark.length)) === 0 ? mark.length : 0;
  const values: Buffer[] = [];
  let first = -1;
  while (at < block.length) {
    const end = lineEnd(block, at);
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
export const isDone = ({ bytes }: EventData): boolean => bytes.equals(closing);
