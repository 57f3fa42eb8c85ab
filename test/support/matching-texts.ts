import fc from 'fast-check';

/** Where the character at `at`, a class or an escape ends. */
function afterAtom(source: string, at: number): number {
  if (source[at] === '\\') {
    return at + 2;
  }
  if (source[at] !== '[') {
    return at + 1;
  }
  let end = at + 1;
  while (source[end] !== ']') {
    end += source[end] === '\\' ? 2 : 1;
  }
  return end + 1;
}

/** Behind the bracket that closes the one at `at`. */
function afterGroup(source: string, at: number): number {
  let depth = 0;
  let end = at;
  do {
    depth += source[end] === '(' ? 1 : source[end] === ')' ? -1 : 0;
    end = afterAtom(source, end);
  } while (depth > 0);
  return end;
}

/** The source of a regular expression without what it asks of its surroundings, which no generator of texts knows how to make. */
function withoutLookarounds(source: string): string {
  let rest = '';
  for (let at = 0; at < source.length;) {
    const isLookaround = /^\(\?<?[=!]/.test(source.slice(at, at + 4));
    const isBoundary = /^\\b/i.test(source.slice(at, at + 2));
    const end = isLookaround ? afterGroup(source, at) : afterAtom(source, at);
    rest += isLookaround || isBoundary ? '' : source.slice(at, end);
    at = end;
  }
  return rest;
}

/** Texts of the form that a detector looks for; most numbers among them are none, for want of a checksum. Undefined where its form cannot be made. */
export function textsOfForm({ source, flags }: RegExp): fc.Arbitrary<string> | undefined {
  try {
    const texts = fc.stringMatching(new RegExp(withoutLookarounds(source), flags.includes('u') ? 'u' : ''));
    fc.sample(texts, 1);
    return texts;
  } catch {
    // References to groups, and classes with set notation.
    return undefined;
  }
}
