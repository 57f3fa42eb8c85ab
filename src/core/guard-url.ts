import { mayConnect, normaliseAddress, type AddressAllowance } from './address.ts';

/** A URL that may be asked, as far as its text tells; the address that a name resolves to is judged when it is connected to. */
export type GuardedUrl = { readonly kind: 'allowed'; readonly url: URL } | { readonly kind: 'refused'; readonly reason: string };

const urlCharactersMax = 512;

const refused = (reason: string): GuardedUrl => ({ kind: 'refused', reason });

/**
 * Judges a configured URL: https, or http where the operator allowed a private or loopback address; no user, password or fragment;
 * no link-local, metadata or reserved address, and a private or loopback one only where allowed. The reason says what to change.
 */
export function guardUrl(text: string, allowance: AddressAllowance): GuardedUrl {
  // The URL parser drops tabs, line ends and outer spaces, and reads "\" as "/": two readers would see two URLs.
  if (text.length > urlCharactersMax || !/^[\x21-\x7e]+$/.test(text) || text.includes('\\')) {
    return refused(`use a URL of at most ${String(urlCharactersMax)} visible ASCII characters without "\\"`);
  }
  const url = URL.parse(text);
  if (url === null) {
    return refused('use an absolute URL such as https://idp.example/jwks');
  }
  if (/^[a-z]+:\/*[^/?#]*@/i.test(text)) {
    return refused('remove the user and password from the URL');
  }
  if (text.includes('#')) {
    return refused('remove the fragment ("#...") from the URL');
  }
  return judgeHost(url, allowance);
}

function judgeHost(url: URL, allowance: AddressAllowance): GuardedUrl {
  const host = url.hostname.replace(/\.$/, '').toLowerCase();
  const address = normaliseAddress(host.replace(/^\[(.*)\]$/, '$1'));
  if (address !== undefined && !mayConnect(address, allowance)) {
    return refused(`the address ${address} is private, local or reserved${mayConnect(address, everything) ? ifMeant : ''}`);
  }
  if (address === undefined && isMetadataName(host)) {
    return refused('this host hands out machine credentials');
  }
  if (address === undefined && isLoopbackName(host) && !allowance.allowLoopback) {
    return refused(`the host ${host} is this machine${ifMeant}`);
  }
  return judgeScheme(url, address ?? host, allowance);
}

function judgeScheme(url: URL, host: string, allowance: AddressAllowance): GuardedUrl {
  if (url.protocol === 'https:') {
    return { kind: 'allowed', url };
  }
  if (url.protocol !== 'http:') {
    return refused('use a URL that begins with https://');
  }
  const isLocal = isLoopbackName(host) || mayConnect(host, { allowLoopback: true, allowPrivate: false });
  const isPublic = mayConnect(host, { allowLoopback: false, allowPrivate: false });
  const isAllowed = isPublic ? false : isLocal ? allowance.allowLoopback : allowance.allowPrivate;
  return isAllowed
    ? { kind: 'allowed', url }
    : refused('use https; plain http is for private and loopback addresses with "allowPrivate: true"');
}

/** What a setting can allow; metadata and link-local addresses are none of it. */
const everything: AddressAllowance = { allowLoopback: true, allowPrivate: true };
const ifMeant = '; set "allowPrivate: true" if it is meant';

/** RFC 6761 section 6.3. */
const isLoopbackName = (host: string): boolean => host === 'localhost' || host.endsWith('.localhost');

const isMetadataName = (host: string): boolean => host === 'metadata' || host === 'metadata.google.internal' || host === 'instance-data';
