import { UNKNOWN, isWord, object } from './rule.ts';
import type { Members, Rule } from './rule.ts';
import type { Flow } from './site.ts';

/** What the events of one type say. */
export interface EventRule {
  readonly rule: Rule;
  readonly part: Flow['part'];
  /** Nothing that was said before goes on behind it. */
  readonly closesAll: boolean;
}

interface More {
  readonly part?: Flow['part'];
  /** Whose texts are complete before it: everybody's, or those of its own scope. */
  readonly closing?: 'all' | 'scope';
  /** Its members that tell its texts from others. */
  readonly keys?: readonly string[];
}

/** An event of this type whose members are these. */
export const eventRule = (type: string, members: Members, { part, closing, keys }: More = {}): readonly [string, EventRule] => [
  type,
  {
    rule: object({ type: isWord(type, closing === 'scope'), ...members }, keys === undefined ? {} : { keys }),
    part: part ?? 'whole',
    closesAll: closing === 'all',
  },
];

/** An event of a type that this gateway does not know: all its strings are there, as unknown. */
export const UNKNOWN_EVENT: EventRule = { rule: UNKNOWN, part: 'whole', closesAll: false };
