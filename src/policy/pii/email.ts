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

/** `write to a@b.com.Thanks`: what follows a full stop may be no part of the domain. */
const isDomain = (name: string): boolean => name.split('.').slice(1).some(isTop);

const atom = `[${letters}_.%+'-]{0,63}[${letters}_%+-]`;
const domain = String.raw`(?:${label}\.){1,6}[${letters}-]{2,63}`;

/** One for both, so that a stream asks once. 64, and the beginning of `%40`. */
const open = new RegExp(String.raw`[${letters}_.%+'-]{1,66}(?:(?:@|%40)[${letters}.-]{0,447})?$`);

/** E-mail addresses: the dot-atoms of RFC 5322 without the signs that URLs are made of, RFC 6531 (other scripts), the public suffix list. */
export const email: PatternDetector = {
  kind: 'pattern',
  entity: 'email',
  pattern: new RegExp(String.raw`(?:${valueStart}|(?=[\u00c0-\u024f\u0370-\u052f]))${atom}@${domain}`, 'g'),
  // 64, @, six labels of 63 with their dots, 63. Real ones end at 254 (RFC 5321 section 4.5.3.1).
  lengthMax: 512,
  leftMax: 2,
  anchor: { text: '@', chars: String.raw`\w.%+'\-`, before: 64 },
  judge(text, start, end) {
    if (text[start - 1] === '\\' && !beginsFree(text, start)) {
      return false;
    }
    return isDomain(text.slice(text.lastIndexOf('@', end) + 1, end));
  },
  open,
};

/** Signs that URLs have escapes for and addresses have (`%2B` is a plus), and letters beyond ASCII; all other escapes end an address. */
const foreignEscape = /%(?!2[57BDEbde]|5[Ff]|[89A-Fa-f][0-9A-Fa-f])/;

/** The same in URLs and forms, where an escape stands for the `@` (RFC 3986 section 2.1). What is found is what stands there. */
export const emailInUrl: PatternDetector = {
  kind: 'pattern',
  entity: 'email',
  pattern: new RegExp(String.raw`(?:(?<=%[0-9A-Fa-f]{2})|(?<!%)${valueStart})${atom}%40${domain}`, 'g'),
  // As above, with two characters more for the `@`.
  lengthMax: 514,
  leftMax: 3,
  anchor: { text: '%40', chars: String.raw`\w.%+'\-`, before: 64 },
  judge(text, start, end) {
    const at = text.lastIndexOf('%40', end - 1);
    return (
      (text[start - 1] !== '\\' || beginsFree(text, start)) &&
      !foreignEscape.test(text.slice(start, at)) &&
      isDomain(text.slice(at + 3, end))
    );
  },
  open,
};
