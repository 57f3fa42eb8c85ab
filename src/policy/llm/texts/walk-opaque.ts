import type { Buffer } from 'node:buffer';
import { afterValue } from '../../json/children.ts';
import { BYTE, byteAt } from '../../json/cursor.ts';
import { looksSealed } from './plain-literal.ts';
import type { UnreadableKind } from './site.ts';
import { placeOf, pushSite, walkEvery } from './walk-every.ts';
import type { Context, Walk } from './walk-every.ts';

const isNothing = (bytes: Buffer, at: number, end: number): boolean =>
  end - at === 2 || [BYTE.lowerN, BYTE.lowerT, BYTE.lowerF].some((first) => first === byteAt(bytes, at));

/** Whoever sends it says that it is sealed: it must come back as it is, so it is searched and never edited. */
function walkUnsealed(walk: Walk, at: number, end: number, context: Context): number {
  if (byteAt(walk.bytes, at) !== BYTE.quote) {
    return walkEvery(walk, at, 'unknown', context);
  }
  pushSite(walk, context, 'signed', { start: at, end });
  return end;
}

/** Reads a value that is taken as a whole. Returns the offset behind it. */
export function walkOpaque(walk: Walk, at: number, what: UnreadableKind | 'logprobs', context: Context): number {
  const end = afterValue(walk.bytes, at);
  if (isNothing(walk.bytes, at, end)) {
    return end;
  }
  if (what === 'logprobs') {
    // Tokens, their bytes, and what might have stood in their place.
    pushSite(walk, context, what, { start: at, end });
    return end;
  }
  walk.unreadable.push({ what, start: at, end, place: placeOf(context) });
  if (what === 'encrypted' && walk.isRequest && !looksSealed(walk.bytes, at, end)) {
    return walkUnsealed(walk, at, end, context);
  }
  // What is no number among tokens is text all the same.
  return what === 'tokens' ? walkEvery(walk, at, 'numbers', context) : end;
}
