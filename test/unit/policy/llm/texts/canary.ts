import type { Origin, SiteKind, UnreadableKind } from '../../../../../src/policy/llm/texts/site.ts';

let made = 0;

/** A text that says what it should be found as, and is like no other. */
function canary(where: string, kind: string): string {
  made += 1;
  return `§${where}§${kind}§${String(made)}§`;
}

export const text = (origin: Origin, kind: SiteKind = 'text'): string => canary(origin, kind);

/** JSON in a string. */
export const json = (origin: Origin): string => JSON.stringify({ city: canary(origin, 'json') });

export const unread = (what: UnreadableKind): string => canary('none', what);

/** An object with a canary in each of its places. */
export const data = (origin: Origin): object => ({
  type: 'object',
  [canary(origin, 'key')]: { list: [canary(origin, 'text'), 1, true, null], deep: { deeper: canary(origin, 'text') } },
});

const canaries = /§(\w+)§(\w+)§(\d+)§/g;

/** What the canaries of these texts say of themselves: one line each, `origin kind number`. */
export const canariesIn = (...texts: readonly string[]): readonly string[] =>
  texts.flatMap((each) => [...each.matchAll(canaries)].map(([, where, kind, number]) => `${where ?? ''} ${kind ?? ''} ${number ?? ''}`));
