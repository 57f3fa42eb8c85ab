/** An escape as it is written, and the character that it says. */
export interface Escape {
  readonly raw: string;
  readonly text: string;
}

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/** JSON in a string of JSON doubles its backslashes: so deep it is read. */
const backslashesMax = 8;
/** The backslashes, `u` and four digits. */
const unicode = new RegExp(String.raw`^(\\{1,${String(backslashesMax)}})u([0-9a-fA-F]{4})`);
const unicodeMax = backslashesMax + 5;
const begun = new RegExp(String.raw`^\\{1,${String(backslashesMax)}}(?:u[0-9a-fA-F]{0,3})?$`);

const backslash: Escape = { raw: '\\', text: '\\' };
const pair: Escape = { raw: '\\\\', text: '\\' };
const tooDeep = '\\'.repeat(backslashesMax + 1);

/**
 * The escape at a backslash within a string literal; undefined where more must come before it can be told. One that is escaped itself, as in
 * JSON within the string, is read, too: a model reads it. A backslash that escapes nothing is a character like any other.
 */
export function escapeIn(raw: string, at: number, isLast: boolean): Escape | undefined {
  const letter = raw[at + 1];
  if (letter !== undefined && letter !== '\\' && letter !== 'u') {
    const short = shortEscapes.get(letter);
    return short === undefined ? backslash : { raw: `\\${letter}`, text: short };
  }
  if (raw.startsWith(tooDeep, at)) {
    return pair;
  }
  const escape = unicodeAt(raw, at, isLast);
  return escape === 'none' ? (letter === '\\' ? pair : backslash) : escape;
}

/** As `escapeIn`, where nothing but a unicode escape is one. Other backslashes are taken together. */
export function unicodeIn(raw: string, at: number, isLast: boolean): Escape | undefined {
  const count = backslashesAt(raw, at);
  if (count > backslashesMax) {
    return asWritten(count - backslashesMax);
  }
  const escape = unicodeAt(raw, at, isLast, true);
  return escape === 'none' ? asWritten(count) : escape;
}

/** Within a string an odd number of backslashes is pairs of them and an escape. */
function unicodeAt(raw: string, at: number, isLast: boolean, mayBeOdd = false): Escape | 'none' | undefined {
  const written = raw.slice(at, at + unicodeMax);
  if (!isLast && begun.test(written)) {
    return undefined;
  }
  const [whole, backslashes = '', digits = ''] = unicode.exec(written) ?? [];
  const isOne = whole !== undefined && (mayBeOdd || backslashes.length === 1 || backslashes.length % 2 === 0);
  return isOne ? { raw: whole, text: String.fromCharCode(Number.parseInt(digits, 16)) } : 'none';
}

function backslashesAt(raw: string, at: number): number {
  let end = at;
  while (raw[end] === '\\') {
    end += 1;
  }
  return end - at;
}

const asWritten = (backslashes: number): Escape => ({ raw: '\\'.repeat(backslashes), text: '\\'.repeat(backslashes) });
