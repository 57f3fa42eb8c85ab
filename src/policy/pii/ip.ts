import { isIPv6 } from 'node:net';
import type { PatternDetector } from '../detect/detector.ts';
import { openHex, openNumber } from './open-ends.ts';
import { isFree, valueStart, wordBefore, wordsMax } from './surroundings.ts';

const octet = String.raw`(?:25[0-5]|2[0-4]\d|1?\d?\d)`;
const namesAddress = wordBefore(
  String.raw`ip|ips|ipv[46]|addr|address|adresse|host|hosts|server|gateway|router|subnet|netmask|dns|ping|ssh|curl|telnet|traceroute|nameserver|listen|bind|proxy|client|remote|src|dst|source|destination`,
);
/** What stands right before a version: `v`, `==`, `^`, `version 1.2.3.4`, `nginx/1.2.3.4`, `foo-1.2.3.4`. */
const beforeVersion =
  /(?:[=~<>!]=|[~^]|(?<![a-z])(?:v|ver|versions?|release|rel|build|revision|rev|firmware|fw|sdk|driver|section|chapter|(?:up|down)(?:grade|date)d? to)(?: (?:no|number))?[.:=#"' ]{0,5}|(?<![a-z])(?!localhost)[a-z]{1,16}\/|(?!ip)[a-z]{2}-)$/i;

/**
 * What says otherwise: a comparison with an address (`ip.addr==10.1.2.3`, filters of packets), the first step behind a URL's host or a name of
 * three labels (`https://ipinfo.io/10.1.2.3`, Java's `db.example.org/10.1.2.3`), a step that is called so.
 */
const beforeAddress =
  /(?:(?:(?<![A-Za-z])ips?|I[Pp]|[Aa]ddr(?:ess)?|[Hh]ost|src|dst)["')\]]{0,2} ?[=!]= ?|(?::\/\/|[\w-]\.[\w-]{1,24}\.)[\w.-]{1,24}\/|(?<![A-Za-z])(?:ips?|ipv4|hosts?|addr|address|whois)[/-])$/;
const beforeMax = 56;

const isVersion = (before: string, next: string | undefined): boolean =>
  // A port follows an address (Java's `db/10.1.2.3:5432`) and no version.
  beforeVersion.test(before) && !beforeAddress.test(before) && !(next === ':' && before.endsWith('/'));

function judgeV4(text: string, start: number, end: number): boolean {
  const value = text.slice(start, end);
  // A fifth number, or a dot before: an object identifier or a longer version.
  if (!isFree(text, start, end) || value.split('.').length !== 4 || (text[start - 1] === '.' && /\d/.test(text.charAt(start - 2)))) {
    return false;
  }
  if (isVersion(text.slice(Math.max(0, start - beforeMax), start), text[end])) {
    return false;
  }
  // Four single digits are more often a version or a chapter than somebody's address.
  return value.length > 7 || namesAddress(text, start);
}

/** Internet addresses, version 4: RFC 791 in the dotted form. Not versions, chapters and object identifiers. */
export const ipv4: PatternDetector = {
  kind: 'pattern',
  entity: 'ip',
  pattern: new RegExp(String.raw`${valueStart}${octet}(?:\.${octet}){3}(?:\.\d{1,10})?(?!\d)`, 'g'),
  lengthMax: 26,
  leftMax: wordsMax,
  begins: [{ first: '0-9', lengths: [1, 2, 3], next: [1, 2, 3], sign: '.' }],
  judge: judgeV4,
  open: openNumber,
};

const eightPairs = /^(?:[0-9A-Fa-f]{2}:){7}[0-9A-Fa-f]{2}$/;

/** `a::b` is also a name in several programming languages, eight pairs are a hardware address. */
const looksLikeV6 = (value: string): boolean =>
  value === '::1' || (/\d/.test(value) && (value.split(':').length > 3 || /^f[ce89ab]/i.test(value)) && !eightPairs.test(value));

/** A colon of a longer address, and none behind a name: certificates have `IP Address:2001:db8::1`. */
const behindGroup = /(?:(?<!\w)[0-9A-Fa-f]{1,4}|[\s:]|^):$/;

function judgeV6(text: string, start: number, end: number): boolean {
  const value = text.slice(start, end);
  const before = text.slice(Math.max(0, start - 32), start);
  if ((/[\w.]$/.test(before) && !/\\[bfnrt]$/.test(before)) || behindGroup.test(before)) {
    return false;
  }
  // Behind it may stand the end of a sentence, a zone (`%eth0`), or a prefix length. A further group would have made it none.
  if (/\w/.test(text.charAt(end)) || !isIPv6(value)) {
    return false;
  }
  return looksLikeV6(value) || (value.length > 3 && namesAddress(text, start));
}

/** Internet addresses, version 6: RFC 4291, judged by Node. Not hardware addresses, times, fingerprints and names in code. */
export const ipv6: PatternDetector = {
  kind: 'pattern',
  entity: 'ip',
  pattern: new RegExp(String.raw`(?:${valueStart}[0-9A-Fa-f]{1,4}:|::(?!:))(?:[0-9A-Fa-f:]|\.(?=\d)){0,40}(?:::|[0-9A-Fa-f])`, 'g'),
  lengthMax: 64,
  leftMax: wordsMax,
  begins: [
    { first: '0-9A-Fa-f', lengths: [1, 2, 3, 4], next: [0, 1, 2, 3, 4], sign: ':' },
    { first: ':', lengths: [] },
  ],
  judge: judgeV6,
  open: openHex,
};
