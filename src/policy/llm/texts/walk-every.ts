import type { Buffer } from 'node:buffer';
import { afterString, afterValue } from '../../json/children.ts';
import { BYTE, byteAt } from '../../json/cursor.ts';
import { firstChild, isTelling, nextChild, valueBehind } from './literals.ts';
import { judgeId, mayBeValue } from './plain-literal.ts';
import type { JudgeLiteral } from './plain-literal.ts';
import type { Every } from './rule.ts';
import type { Flow, Origin, Place, Site, SiteKind, Unreadable } from './site.ts';

/** One walk over the bytes of an accepted document, from literal to literal. Nesting was limited by the scanner. */
export interface Walk {
  readonly bytes: Buffer;
  readonly sites: Site[];
  readonly unreadable: Unreadable[];
  /** Scopes whose texts are complete, in streams. */
  readonly closed: string[];
  /** What should be an id, or sealed, may be anybody's words; in an answer it is the provider's own. */
  readonly isRequest: boolean;
}

/** What is known of a value by where it stands. */
export interface Context {
  readonly origin: Origin;
  readonly parent: Place | undefined;
  readonly step: string | number;
  /** Tells texts of the same field apart: indexes, joined by dots. */
  readonly scope: string;
  /** What events of this kind say; undefined outside of streams. */
  readonly part: Flow['part'] | undefined;
}

export const placeOf = ({ parent, step }: Context): Place => ({ parent, step });

// Written out: copies by spreading are most of the time of a walk.
export const childOf = ({ origin, scope, part }: Context, parent: Place, step: string | number): Context => ({
  origin,
  parent,
  step,
  scope,
  part,
});

/** Of an empty literal. */
export const quotesBytes = 2;

/** Notes the literal as a site. An empty one is none, but for a piece of a stream: a text that was held back can go there. */
export function pushSite(
  walk: Walk,
  context: Context,
  kind: SiteKind,
  found: { start: number; end: number; field?: string | undefined },
): void {
  const { origin, part, scope } = context;
  const { start, end, field } = found;
  const flow = part === undefined || field === undefined ? undefined : { part, channel: `${scope}/${field}` };
  if (end - start > quotesBytes || flow?.part === 'delta') {
    walk.sites.push({ kind, origin, start, end, place: placeOf(context), flow });
  }
}

export function walkPlain(walk: Walk, at: number, judge: JudgeLiteral, context: Context): number {
  const end = afterString(walk.bytes, at);
  const verdict = judge(walk.bytes, at, end);
  if (verdict !== 'plain') {
    pushSite(walk, context, verdict, { start: at, end });
  } else if (judge === judgeId && isDoubtful(walk, at, end)) {
    pushSite(walk, context, 'id', { start: at, end });
  }
  return end;
}

const isDoubtful = ({ bytes, isRequest }: Walk, start: number, end: number): boolean => isRequest && mayBeValue(bytes, start, end);

/** Where the member is that comes behind so many others: its name may be text. */
export const unnamed = (context: Context, parent: Place, position: number): Context => childOf(context, parent, `{${String(position)}}`);

const KINDS: Readonly<Record<Exclude<Every, 'plain'>, SiteKind>> = {
  data: 'text',
  numbers: 'unknown',
  unknown: 'unknown',
};

function walkString(walk: Walk, at: number, as: Every, context: Context): number {
  if (as === 'plain') {
    return walkPlain(walk, at, judgeId, context);
  }
  const end = afterString(walk.bytes, at);
  pushSite(walk, context, KINDS[as], { start: at, end });
  return end;
}

function walkMembers(walk: Walk, at: number, as: Every, context: Context): number {
  const { bytes } = walk;
  const parent = placeOf(context);
  let next = firstChild(bytes, at);
  for (let position = 0; byteAt(bytes, next) !== BYTE.closeBrace; position += 1) {
    const inner = unnamed(context, parent, position);
    const end = afterString(bytes, next);
    if (as !== 'plain' || judgeId(bytes, next, end) !== 'plain' || isDoubtful(walk, next, end)) {
      pushSite(walk, inner, 'key', { start: next, end });
    }
    next = nextChild(bytes, walkEvery(walk, valueBehind(bytes, end), as, inner));
  }
  return next + 1;
}

function walkElements(walk: Walk, at: number, as: Every, context: Context): number {
  const { bytes } = walk;
  const parent = placeOf(context);
  let next = firstChild(bytes, at);
  for (let index = 0; byteAt(bytes, next) !== BYTE.closeBracket; index += 1) {
    next = nextChild(bytes, walkEvery(walk, next, as, childOf(context, parent, index)));
  }
  return next + 1;
}

/** Where numbers are somebody's, not figures of the API's own. */
const holdsNumbers = (as: Every): boolean => as === 'data' || as === 'unknown';

function walkScalar(walk: Walk, at: number, as: Every, context: Context): number {
  const end = afterValue(walk.bytes, at);
  if (holdsNumbers(as) && isTelling(walk.bytes, at, end)) {
    pushSite(walk, context, 'number', { start: at, end });
  }
  return end;
}

/** Reads any JSON, names of members included, in one pass. Returns the offset behind it. */
export function walkEvery(walk: Walk, at: number, as: Every, context: Context): number {
  switch (byteAt(walk.bytes, at)) {
    case BYTE.quote:
      return walkString(walk, at, as, context);
    case BYTE.openBrace:
      return walkMembers(walk, at, as, context);
    case BYTE.openBracket:
      return walkElements(walk, at, as, context);
    default:
      return walkScalar(walk, at, as, context);
  }
}
