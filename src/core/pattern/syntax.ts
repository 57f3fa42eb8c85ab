/** A pattern that an operator wrote, as a tree. Every repetition in it is bounded. */
export type Pattern =
  /** One character: `source` is its expression, `unitsMax` how many UTF-16 units it has at most. */
  | { readonly kind: 'one'; readonly source: string; readonly unitsMax: 1 | 2 }
  /** `\b` or `\B`. */
  | { readonly kind: 'edge'; readonly source: string }
  | { readonly kind: 'row'; readonly parts: readonly Pattern[] }
  | { readonly kind: 'either'; readonly choices: readonly Pattern[] }
  | { readonly kind: 'times'; readonly part: Pattern; readonly min: number; readonly max: number };

/** Why a pattern cannot be read, and what to write instead. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

/** Groups in groups. */
const depthMax = 8;

interface Cursor {
  readonly text: string;
  at: number;
}

/**
 * The part of RE2's syntax that has a longest match and looks no further than one character around it: characters, classes, groups,
 * alternatives, `?`, `{n}`, `{n,m}`, `\b`. Throws `PatternError`.
 */
export function parsePattern(text: string): Pattern {
  const cursor: Cursor = { text, at: 0 };
  const pattern = parseEither(cursor, 0);
  if (cursor.at < text.length) {
    throw new PatternError('there is a ")" without its "("; write "\\)" for the character');
  }
  return pattern;
}

function parseEither(cursor: Cursor, depth: number): Pattern {
  if (depth > depthMax) {
    throw new PatternError(`groups lie in each other deeper than ${String(depthMax)} levels; take some apart`);
  }
  const choices = [parseRow(cursor, depth)];
  while (take(cursor, '|')) {
    choices.push(parseRow(cursor, depth));
  }
  return choices.length === 1 ? { kind: 'row', parts: choices } : { kind: 'either', choices };
}

function parseRow(cursor: Cursor, depth: number): Pattern {
  const parts: Pattern[] = [];
  for (let next = cursor.text[cursor.at]; next !== undefined && next !== '|' && next !== ')'; next = cursor.text[cursor.at]) {
    parts.push(parseTimes(cursor, parseOne(cursor, depth)));
  }
  return { kind: 'row', parts };
}

function parseTimes(cursor: Cursor, part: Pattern): Pattern {
  if (take(cursor, '?')) {
    return endTimes(cursor, part, 0, 1);
  }
  const [, min, comma, max] = takeMatch(cursor, /\{(\d{1,4})(,?)(\d{0,4})\}/y) ?? [];
  if (min === undefined) {
    if (/[*+]/.test(cursor.text.charAt(cursor.at))) {
      throw new PatternError('"*" and "+" have no end; say how often at most: {0,20}, {1,20}');
    }
    return part;
  }
  if (comma === ',' && max === '') {
    throw new PatternError(`"{${min},}" has no end; say how often at most: {${min},20}`);
  }
  return endTimes(cursor, part, Number(min), comma === '' ? Number(min) : Number(max));
}

function endTimes(cursor: Cursor, part: Pattern, min: number, max: number): Pattern {
  if (part.kind === 'edge') {
    throw new PatternError(`"${part.source}" cannot be repeated`);
  }
  if (min > max || max === 0) {
    throw new PatternError(`"{${String(min)},${String(max)}}" matches nothing; write the smaller number first`);
  }
  if (/[?*+{]/.test(cursor.text.charAt(cursor.at))) {
    throw new PatternError('a repetition stands behind a repetition; put the first into a group, and ask for no shortest match');
  }
  return { kind: 'times', part, min, max };
}

/** Signs that stand for something else, or for nothing here. */
const refusedSigns: ReadonlyMap<string, string> = new Map([
  ...['^', '$'].map((sign): [string, string] => [sign, 'is not known in a stream; write "\\b" for the edge of a word']),
  ...['*', '+', '?', '{'].map((sign): [string, string] => [sign, 'repeats nothing']),
]);

function parseOne(cursor: Cursor, depth: number): Pattern {
  const sign = cursor.text.charAt(cursor.at);
  const refusal = refusedSigns.get(sign);
  if (refusal !== undefined) {
    throw new PatternError(`"${sign}" ${refusal}; write "\\${sign}" for the character`);
  }
  switch (sign) {
    case '(':
      return parseGroup(cursor, depth);
    case '[':
      return parseClass(cursor);
    case '\\':
      return parseEscape(cursor);
    default:
      return parseCharacter(cursor);
  }
}

function parseCharacter(cursor: Cursor): Pattern {
  const [character = ''] = takeMatch(cursor, /./suy) ?? [];
  const source = /[\]}]/.test(character) ? `\\${character}` : character;
  return { kind: 'one', source, unitsMax: character === '.' || character.length > 1 ? 2 : 1 };
}

function parseGroup(cursor: Cursor, depth: number): Pattern {
  cursor.at += 1;
  if (!take(cursor, '?:') && cursor.text[cursor.at] === '?') {
    throw new PatternError('of groups there are "(…)" and "(?:…)", and "(?i)" at the beginning of the pattern');
  }
  const inner = parseEither(cursor, depth + 1);
  if (!take(cursor, ')')) {
    throw new PatternError('there is a "(" without its ")"; write "\\(" for the character');
  }
  return inner;
}

const signs = String.raw`!-/:-@\[-\x60{-~`;

/** What may stand in a class: characters, ranges of them, and the escapes of sets and signs. */
const classPattern = new RegExp(String.raw`\[\^?(?:[^[\]\\]|\\(?:[dwsDWStnr${signs}]|[pP]\{\w{1,32}\}))+\]`, 'uy');
const escapePattern = new RegExp(String.raw`\\(?:[dwsDWStnrbB${signs}]|[pP]\{\w{1,32}\})`, 'uy');
/** Sets that contain characters beyond U+FFFF. */
const wideEscape = /^\\[DWSpP]/;

function parseClass(cursor: Cursor): Pattern {
  const [source] = takeMatch(cursor, classPattern) ?? [];
  if (source === undefined) {
    throw new PatternError('a class is written "[A-Z0-9]"; within one write "\\[" and "\\]" for the characters, and no [:names:]');
  }
  const isAscii = !/^\[\^|\\[DWSpP]|[\u0080-\uffff]/.test(source);
  return { kind: 'one', source, unitsMax: isAscii ? 1 : 2 };
}

function parseEscape(cursor: Cursor): Pattern {
  const [source] = takeMatch(cursor, escapePattern) ?? [];
  if (source === undefined) {
    throw new PatternError('of escapes there are \\d \\w \\s \\D \\W \\S \\t \\n \\r \\b \\B \\p{Name}, and those of signs');
  }
  if (/b/i.test(source.charAt(1))) {
    return { kind: 'edge', source };
  }
  return { kind: 'one', source, unitsMax: wideEscape.test(source) ? 2 : 1 };
}

function take(cursor: Cursor, text: string): boolean {
  const isThere = cursor.text.startsWith(text, cursor.at);
  cursor.at += isThere ? text.length : 0;
  return isThere;
}

function takeMatch(cursor: Cursor, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text);
  cursor.at += found?.[0].length ?? 0;
  return found;
}
