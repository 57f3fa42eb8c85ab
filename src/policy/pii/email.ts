import { parse } from 'tldts';
import { openMemo } from '../../core/memo.ts';
import type { PatternDetector } from '../detect/detector.ts';
import { beginsFree, valueStart } from './surroundings.ts';

/** Names that no public registry hands out, but companies use and people address mail to (RFC 6761, RFC 9476, ICANN's `internal`). */
const privateTops = new Set(['local', 'internal', 'corp', 'lan', 'home', 'intranet', 'test', 'example', 'invalid', 'localdomain', 'alt']);

/** Letters of scripts that put spaces between words: in the others, the words around an address would count as part of it. */
const letters = String.raw`A-Za-z0-9\u00c0-\u024f\u0370-\u052f`;
const label = `[${letters}](?:[${letters}-]{0,61}[${letters}])?`;

/** Distinct ends of domains in one process. */
const topsMax = 4_096;
const knownTops = openMemo<boolean>(topsMax);

const isTop = (name: string): boolean =>
  knownTops.get(
    name.toLowerCase(),
    (top) => privateTops.has(top) || parse(`example.${top}`, { allowPrivateDomains: false }).isIcann === true,
  );

/** E-mail addresses: the dot-atoms of RFC 5322 without the signs that URLs are made of, RFC 6531 (other scripts), the public suffix list. */
export const email: PatternDetector = {
  kind: 'pattern',
  entity: 'email',
  pattern: new RegExp(
    String.raw`(?:${valueStart}|(?=[\u00c0-\u024f\u0370-\u052f]))[${letters}_.%+'-]{0,63}[${letters}_%+-]@(?:${label}\.){1,6}[${letters}-]{2,63}`,
    'g',
  ),
  // 64, @, six labels of 63 with their dots, 63. Real ones end at 254 (RFC 5321 section 4.5.3.1).
  lengthMax: 512,
  leftMax: 2,
  gate: (text) => text.includes('@'),
  anchor: { text: '@', before: 64 },
  judge(text, start, end) {
    if (text[start - 1] === '\\' && !beginsFree(text, start)) {
      return false;
    }
    // `write to a@b.com.Thanks`: what follows a full stop may be no part of the domain.
    const [, ...later] = text.slice(text.lastIndexOf('@', end) + 1, end).split('.');
    return later.some(isTop);
  },
  open: new RegExp(String.raw`[${letters}_.%+'-]{1,64}(?:@[${letters}.-]{0,447})?$`),
};
