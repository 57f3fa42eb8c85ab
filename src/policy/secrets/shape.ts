import type { Part } from './parts.ts';

const escape = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);

/** The parts one after another, as the source of a regular expression. */
export const patternOf = (parts: readonly Part[]): string =>
  parts.map((part) => (typeof part === 'string' ? escape(part) : `[${part.chars}]{${String(part.min)},${String(part.max)}}`)).join('');

/** The longest text of these parts, UTF-16 units. */
export const lengthMaxOf = (parts: readonly Part[]): number =>
  parts.reduce((sum, part) => sum + (typeof part === 'string' ? part.length : part.max), 0);

/** The shortest. */
export const lengthMinOf = (parts: readonly Part[]): number =>
  parts.reduce((sum, part) => sum + (typeof part === 'string' ? part.length : part.min), 0);

/**
 * What matches every beginning of a text of these parts, the empty one and the whole included: each piece may be the last one. It asks for
 * no least length, so it may hold what can be no beginning.
 */
export const beginningOf = (parts: readonly Part[]): string => {
  let source = '';
  for (const part of parts.toReversed()) {
    source = typeof part === 'string' ? beginningOfText(part, source) : `[${part.chars}]{0,${String(part.max)}}${source}`;
  }
  return source;
};

function beginningOfText(text: string, rest: string): string {
  let source = rest;
  for (const character of text.split('').toReversed()) {
    source = `(?:${escape(character)}${source})?`;
  }
  return source;
}
