import { asciiCount, entryOf } from './ascii.ts';
import { bitOf, type Candidate, candidatesOf, type WordTable } from './word-table.ts';

const letterBits = 1;
const digitBits = 2;
const underscoreBits = 4;
/** A letter that may stand behind the backslash of an escape, in either case as some patterns read it. */
const escapeBits = 8;
const alnumBits = letterBits | digitBits;
const wordBits = alnumBits | underscoreBits;

/** By ASCII code. */
const kinds = Uint8Array.from({ length: asciiCount }, (_, code) => {
  const character = String.fromCharCode(code);
  return (
    (/[A-Za-z]/.test(character) ? letterBits : 0) |
    (/\d/.test(character) ? digitBits : 0) |
    (character === '_' ? underscoreBits : 0) |
    (/[bfnrt]/i.test(character) ? escapeBits : 0)
  );
});

const backslash = 0x5c;

const kindAt = (text: string, at: number): number => entryOf(kinds, text.charCodeAt(at));

/** The loops below look at each character of a text: they ask the table themselves, since a call for each would take most of the time. */
function endOfWord(text: string, from: number): number {
  for (let at = from; ; at += 1) {
    const code = text.charCodeAt(at);
    if (!(code < asciiCount) || ((kinds[code] ?? 0) & alnumBits) === 0) {
      return at;
    }
  }
}

/**
 * Calls `found` for what may begin at each place in [`from`, `before`): at a word (letters and digits of ASCII, behind no character of a word or
 * behind an escape) of one of its lengths, or at a sign.
 */
export function eachWordStart<Entry>(
  table: WordTable<Entry>,
  text: string,
  from: number,
  before: number,
  found: (entry: Entry, start: number) => void,
): void {
  const { signs } = table;
  let isInWord = (kindAt(text, from - 1) & wordBits) !== 0;
  for (let at = from; at < before;) {
    const code = text.charCodeAt(at);
    const kind = code < asciiCount ? (kinds[code] ?? 0) : 0;
    if ((kind & alnumBits) === 0) {
      if (code < asciiCount && signs[code] === 1) {
        each(candidatesOf(table, code, 0), text, at, at, found);
      }
      isInWord = (kind & wordBits) !== 0;
      at += 1;
      continue;
    }
    const end = endOfWord(text, at);
    if (!isInWord || isBehindEscape(text, at)) {
      each(candidatesOf(table, code, end - at), text, at, end, found);
    }
    isInWord = true;
    // Behind an escape the next word begins at once.
    at = (kind & escapeBits) !== 0 && text.charCodeAt(at - 1) === backslash ? at + 1 : end;
  }
}

const isBehindEscape = (text: string, at: number): boolean =>
  text.charCodeAt(at - 2) === backslash && (kindAt(text, at - 1) & escapeBits) !== 0;

function each<Entry>(
  candidates: readonly Candidate<Entry>[],
  text: string,
  start: number,
  end: number,
  found: (entry: Entry, start: number) => void,
): void {
  if (candidates.length === 0) {
    return;
  }
  const sign = text.charCodeAt(end);
  const length = bitOf(endOfWord(text, end + 1) - end - 1);
  for (const { entry, next, signs } of candidates) {
    if ((next & length) !== 0 && (signs === undefined || signs.includes(sign))) {
      found(entry, start);
    }
  }
}
