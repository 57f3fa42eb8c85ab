import { ENTITY_NAMES } from '../../core/entity-list.ts';
import { lookAlike, shownType } from '../../core/masking.ts';
import { contextMax } from './detector.ts';

const shapeOf = (type: string): string => String.raw`PII_${type}_[A-Z2-7]{12}|\[REDACTED_${type}\]`;

/**
 * What this gateway writes in the place of a value, for the words before another: `PII_EMAIL_` with its twelve characters, or `[REDACTED_EMAIL]`. The
 * shape alone tells, so that those of other gateways are known, too.
 */
const everyShape = new RegExp(shapeOf('[A-Z0-9_]{1,63}?'), 'g');

/** Of these there is one everywhere, whatever is looked for here. */
const everywhere = [...ENTITY_NAMES, lookAlike];

/**
 * Finds what stands for a value of one of `entities`, or of one that every gateway knows. What has the shape alone is looked into like any
 * text: a credential could stand where the type is.
 */
export const standInPattern = (entities: readonly string[]): RegExp =>
  new RegExp(shapeOf(`(?:${[...new Set([...everywhere, ...entities].map(shownType))].join('|')})`), 'g');

/** What stands directly beside one is no value of its own: it goes on a word, as the characters of a placeholder do. */
export const neutralEnd = '_';

/** How one counts among the words before a value: it is none of them, and joins none. */
export const neutral = `\ufffc${neutralEnd}`;

/** A part of a text, UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What `pattern` finds, from left to right. */
export const standInsOf = (text: string, pattern: RegExp): readonly Span[] =>
  text.includes('PII_') || text.includes('[REDACTED_')
    ? Array.from(text.matchAll(pattern), ({ index, 0: { length } }) => ({ start: index, end: index + length }))
    : [];

/** What may be the rest of one that the beginning of a context cuts. */
const rest = /^(?:[A-Z0-9_]*?_[A-Z2-7]{12}|[A-Z2-7]{1,12}(?![A-Za-z0-9_])|[A-Z0-9_]+\])/;

/**
 * The words before a value, `contextMax` UTF-16 units of them at most, without what stands for other values: the type of a placeholder is no
 * word of the text.
 */
export const contextBefore = (text: string, start: number): string => withoutStandIns(text.slice(Math.max(0, start - contextMax), start));

/** The same of what stands before a value. */
export function withoutStandIns(before: string): string {
  const whole = before.includes('_') ? before.replaceAll(everyShape, neutral) : before;
  return before.length < contextMax ? whole : whole.replace(rest, neutral);
}
