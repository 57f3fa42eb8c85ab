import type { PatternDetector } from '../detect/detector.ts';
import { anyOf } from './parts.ts';
import { isPlaceholder } from './placeholder.ts';
import { beginningOf, lengthMaxOf, patternOf } from './shape.ts';
import { escapeMax, wordStart } from './surroundings.ts';

const schemeChars = String.raw`a-zA-Z0-9+.\-`;
const schemeMax = 24;

/** RFC 3986 section 3.2.1, where a password still has its place; user and password as programs take them, not only as they may be written. */
const parts = [
  anyOf(schemeChars, 2, schemeMax),
  '://',
  anyOf(String.raw`^\s:@/"'\x60<>\\`, 0, 64),
  ':',
  anyOf(String.raw`^\s/"'\x60<>\\`, 1, 128),
];

/** What manuals write for a password. */
const sample = /^(?:pass(?:word|wd)?|pwd|secret|user|\*+|\.+)$/i;

const passwordIn = (address: string): string => {
  const user = address.indexOf('://') + 3;
  return address.slice(address.indexOf(':', user) + 1);
};

/** A URL with a password, up to the `@` before the host: `postgres://app:s3cret`, of any scheme. */
export const addressDetector: PatternDetector = {
  kind: 'pattern',
  entity: 'secret',
  rule: 'address-password',
  pattern: new RegExp(`${wordStart}${patternOf(parts)}(?=@)`, 'g'),
  lengthMax: lengthMaxOf(parts),
  leftMax: escapeMax,
  anchor: { text: '://', chars: schemeChars, before: schemeMax },
  judge: (text, start, end) => {
    const password = passwordIn(text.slice(start, end));
    // The letter of an escape is none of a scheme.
    return text.charAt(start - 1) !== '\\' && !sample.test(password) && !isPlaceholder(password);
  },
  open: new RegExp(`(?!$)(?:${beginningOf(parts)})$`),
};
