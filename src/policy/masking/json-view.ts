/** A part of a JSON text as it is written, beside what it says. */
export interface JsonPart {
  readonly raw: string;
  /** The same, read: a character for an escape. As long as `raw` for everything else. */
  readonly text: string;
  /** Within a string literal; its quotes are outside. */
  readonly inString: boolean;
}

const unicodeEscape = /^\\u[0-9a-f]{4}/i;
const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/** `\u` and four digits. */
const escapeMax = 6;

/** Reads a JSON text that comes in pieces, complete or not, correct or not: each character is in exactly one part. */
export interface JsonView {
  push(piece: string): readonly JsonPart[];
  /** What was held back: an escape that was cut off. */
  end(): readonly JsonPart[];
}

export function openJsonView(): JsonView {
  let held = '';
  let inString = false;
  const read = (piece: string, isLast: boolean): readonly JsonPart[] => {
    const raw = held + piece;
    held = '';
    const parts: JsonPart[] = [];
    let at = 0;
    const plain = (end: number, within: boolean): void => {
      if (end > at) {
        const part = raw.slice(at, end);
        parts.push({ raw: part, text: part, inString: within });
        at = end;
      }
    };
    while (at < raw.length) {
      const special = nextSpecial(raw, at, inString);
      plain(special, inString);
      if (special < raw.length && raw[special] === '"') {
        plain(special + 1, false);
        inString = !inString;
      } else if (special < raw.length) {
        const escape = escapeAt(raw, special, isLast);
        if (escape === undefined) {
          held = raw.slice(special);
          return parts;
        }
        parts.push({ ...escape, inString });
        at = special + escape.raw.length;
      }
    }
    return parts;
  };
  return { push: (piece) => read(piece, false), end: () => read('', true) };
}

/** A quote, or within a string an escape; the end where there is none. */
function nextSpecial(raw: string, from: number, inString: boolean): number {
  const quote = raw.indexOf('"', from);
  const escape = inString ? raw.indexOf('\\', from) : -1;
  const first = quote < 0 || (escape >= 0 && escape < quote) ? escape : quote;
  return first < 0 ? raw.length : first;
}

/** Undefined where more must come before it can be told. A backslash that escapes nothing is a character like any other. */
function escapeAt(raw: string, at: number, isLast: boolean): { readonly raw: string; readonly text: string } | undefined {
  const written = raw.slice(at, at + escapeMax);
  const [, letter] = written;
  const short = shortEscapes.get(letter ?? '');
  if (short !== undefined) {
    return { raw: written.slice(0, 2), text: short };
  }
  if (unicodeEscape.test(written)) {
    return { raw: written, text: String.fromCharCode(Number.parseInt(written.slice(2), 16)) };
  }
  const mayGoOn = !isLast && written.length < escapeMax && /^\\(?:u[0-9a-f]{0,3})?$/i.test(written);
  return mayGoOn ? undefined : { raw: '\\', text: '\\' };
}
