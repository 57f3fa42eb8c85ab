const alnumPattern = /[0-9A-Za-z]/;

/**
 * An escape: a line break as JSON and source code write it, a percent code, a code unit, a colour of terminals (ECMA-48). Its letters belong to
 * no word.
 */
const escapes = String.raw`\\[nrt]|%[0-9A-F]{2}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\[[0-9;]{1,10}m`;
const escapePattern = new RegExp(`(?:${escapes})$`);

/** The same as `startsWord`, as the source of a pattern: it looks back no further than `escapeMax`. */
export const wordStart = `(?:(?<![0-9A-Za-z])|(?<=${escapes}))`;

/** How far `startsWord` looks back, UTF-16 units. */
export const escapeMax = 12;

/** True where no word ends directly before. */
export const startsWord = (text: string, start: number): boolean =>
  !alnumPattern.test(text.charAt(start - 1)) || escapePattern.test(text.slice(Math.max(0, start - escapeMax), start));
