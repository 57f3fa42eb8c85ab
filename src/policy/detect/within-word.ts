/** White space that ends a word, by any expression. */
const space = /[ \t\n\r]/;

/** Escapes of single characters and of sets that hold no white space. */
const plainEscape = /[dwSbB]|[^A-Za-z0-9]/;

/**
 * True where an expression certainly matches no space and no end of a line, so that what it finds lies within one word. False where it may,
 * and where that cannot be told from its source.
 */
export function staysInWord(source: string): boolean {
  for (let at = 0; at < source.length; at += 1) {
    const sign = source.charAt(at);
    if (sign === '\\') {
      at += 1;
      if (!isPlainEscape(source, at)) {
        return false;
      }
      at += source.charAt(at) === 'u' ? unicodeDigits : 0;
    } else if (sign === '[') {
      const end = classEnd(source, at);
      if (end === source.length || !isClassPlain(source.slice(at + 1, end))) {
        return false;
      }
      at = end;
    } else if (sign === '.' || space.test(sign)) {
      return false;
    }
  }
  return true;
}

const unicodeDigits = 4;

/** Beyond U+0020 there is no white space that counts here. */
const isPlainEscape = (source: string, at: number): boolean =>
  plainEscape.test(source.charAt(at)) ||
  (/^u[0-9a-f]{4}/i.test(source.slice(at)) && Number.parseInt(source.slice(at + 1, at + 5), 16) > 0x20);

function classEnd(source: string, from: number): number {
  for (let at = from + 1; at < source.length; at += 1) {
    if (source.charAt(at) === '\\') {
      at += 1;
    } else if (source.charAt(at) === ']') {
      return at;
    }
  }
  return source.length;
}

/** What stands between the brackets: without white space, or everything but at least that. */
function isClassPlain(inner: string): boolean {
  if (inner.startsWith('^')) {
    return inner.includes('\\s');
  }
  return (
    !space.test(inner) &&
    !/\\[sDWrntvfpPxc0]|\\u00[01]|\\u0020/i.test(inner.replaceAll('\\S', '').replaceAll('\\w', '').replaceAll('\\d', '')) &&
    !/[[&]/.test(inner)
  );
}
