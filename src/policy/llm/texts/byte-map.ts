import { Buffer } from 'node:buffer';
import { BYTE, byteAt } from '../../json/cursor.ts';
import { unescape } from '../../json/names.ts';

/** Values by a word, looked up by the literal of one: most of a walk is that, so nothing is decoded for it. */
export interface ByteMap<Value> {
  /** By the literal whose quotes are at `start` and before `end`, however it is escaped. */
  readonly at: (bytes: Buffer, start: number, end: number) => Value | undefined;
  readonly keys: readonly string[];
}

interface Row<Value> {
  readonly word: Buffer;
  readonly value: Value;
}

const slots = 64;

/** Words of an API differ in length and at their ends. */
const slotOf = (length: number, first: number, last: number): number => (length * 7 + first + last * 3) % slots;

/** True where the literal holds an escape. */
export function isEscaped(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start + 1; at < end; at += 1) {
    if (bytes[at] === BYTE.backslash) {
      return true;
    }
  }
  return false;
}

function isWord(bytes: Buffer, start: number, word: Buffer): boolean {
  for (let index = 0; index < word.length; index += 1) {
    if (bytes[start + index] !== word[index]) {
      return false;
    }
  }
  return true;
}

export function byteMap<Value>(entries: Iterable<readonly [string, Value]>): ByteMap<Value> {
  const byText = new Map(entries);
  const table = new Map<number, Row<Value>[]>();
  for (const [text, value] of byText) {
    const word = Buffer.from(text, 'utf8');
    const slot = slotOf(word.length, word.at(0) ?? BYTE.quote, word.at(-1) ?? BYTE.quote);
    table.set(slot, [...(table.get(slot) ?? []), { word, value }]);
  }
  return {
    keys: [...byText.keys()],
    at: (bytes, start, end) => {
      // Of an empty literal both are quotes.
      const length = end - start - 2;
      const rows = table.get(slotOf(length, byteAt(bytes, start + 1), byteAt(bytes, end - 2))) ?? [];
      for (const { word, value } of rows) {
        if (word.length === length && isWord(bytes, start + 1, word)) {
          return value;
        }
      }
      return isEscaped(bytes, start, end) ? byText.get(unescape(bytes, start + 1, end - 1, true)) : undefined;
    },
  };
}
