import { escapeIn, unicodeIn, type Escape } from './escapes.ts';

/** A part of a text as it is written, beside what it says. */
export interface TextPart {
  readonly raw: string;
  /** The same, read: a character for an escape. As long as `raw` for everything else. */
  readonly text: string;
  /** Within a string literal of JSON; its quotes are outside. */
  readonly inString: boolean;
}

/** Reads a text that comes in pieces: each character is in exactly one part. */
export interface TextView {
  push(piece: string): readonly TextPart[];
  /** The last piece, and what was held back: an escape that was cut off. */
  end(piece: string): readonly TextPart[];
}

const quote = /"/g;
const quoteOrBackslash = /["\\]/g;

/** Of a JSON text, complete or not, correct or not. */
export const openJsonView = (): TextView =>
  openView((raw, from, inString) => searchFrom(raw, from, inString ? quoteOrBackslash : quote), escapeIn);

/** Of words, in which somebody may show JSON: it says the same to a model. */
export const openWordsView = (): TextView => openView((raw, from) => raw.indexOf('\\', from), unicodeIn);

/** One search for all of them: with one for each, the time would grow with the square of the text. */
function searchFrom(raw: string, from: number, pattern: RegExp): number {
  pattern.lastIndex = from;
  return pattern.exec(raw)?.index ?? -1;
}

/** `nextSpecial`: a quote of JSON or the beginning of an escape, -1 for none. */
function openView(
  nextSpecial: (raw: string, from: number, inString: boolean) => number,
  escapeAt: (raw: string, at: number, isLast: boolean) => Escape | undefined,
): TextView {
  let held = '';
  let inString = false;
  const read = (piece: string, isLast: boolean): readonly TextPart[] => {
    const raw = held + piece;
    held = '';
    const parts: TextPart[] = [];
    let at = 0;
    const plain = (end: number, within: boolean): void => {
      if (end > at) {
        const part = raw.slice(at, end);
        parts.push({ raw: part, text: part, inString: within });
        at = end;
      }
    };
    for (let special = nextSpecial(raw, at, inString); special >= 0; special = nextSpecial(raw, at, inString)) {
      plain(special, inString);
      if (raw[special] === '"') {
        plain(special + 1, false);
        inString = !inString;
      } else {
        const escape = escapeAt(raw, special, isLast);
        if (escape === undefined) {
          held = raw.slice(special);
          return parts;
        }
        parts.push({ ...escape, inString });
        at = special + escape.raw.length;
      }
    }
    plain(raw.length, inString);
    return parts;
  };
  return { push: (piece) => read(piece, false), end: (piece) => read(piece, true) };
}
