import type { PatternDetector } from '../detect/detector.ts';
import { beginsFree, valueStart } from './surroundings.ts';

/** What documentation writes where a password would stand. */
const placeholder = /^(?:[*x.]+|<.*>|\{.*\}|\[.*\]|\$\{\w*\}|%\w*%|\$\(.*\)|pass(?:word)?|pwd|secret|your.*|my-?pass(?:word)?)$/i;
const variable = /^\$(?:[A-Z_]{2,}|[a-z_]{2,})$/;

function judge(text: string, start: number, end: number): boolean {
  if (!beginsFree(text, start)) {
    return false;
  }
  const url = text.slice(start, end);
  const authority = url.slice(url.indexOf('://') + 3);
  const userinfo = authority.slice(0, authority.lastIndexOf('@'));
  const password = userinfo.slice(userinfo.indexOf(':') + 1);
  return !placeholder.test(password) && !variable.test(password);
}

/** URLs that carry a user and a password, or a password alone (RFC 3986 section 3.2.1), with the host they open. */
export const urlCredentials: PatternDetector = {
  kind: 'pattern',
  entity: 'url_credentials',
  pattern: new RegExp(
    String.raw`${valueStart}[A-Za-z][A-Za-z0-9+.-]{1,31}://[^\s:/@?#"'\x60<>|]{0,128}:[^\s/"'\x60|]{1,128}@[A-Za-z0-9._~%[\]:-]{0,254}[A-Za-z0-9\]]`,
    'g',
  ),
  lengthMax: 548,
  leftMax: 2,
  anchor: { text: '://', chars: String.raw`A-Za-z0-9+.\-`, before: 32 },
  gate: (text) => text.includes('://') && text.includes('@'),
  judge,
  open: /[A-Za-z][A-Za-z0-9+.-]{0,31}(?::(?:\/(?:\/[^\s:/@?#"'`<>|]{0,128}(?::[^\s/"'`|]{0,384})?)?)?)?$/,
};
