import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { openMemo } from './memo.ts';
import { oncePer } from './once-per.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** What lies behind an address. `metadata` is where clouds hand out machine credentials; `reserved` is everything without a known use. */
export type AddressClass = 'public' | 'private' | 'loopback' | 'link_local' | 'metadata' | 'reserved';

/** What the operator lets us connect to beside public addresses. */
export interface AddressAllowance {
  readonly allowLoopback: boolean;
  readonly allowPrivate: boolean;
}

/** Strict (no leading zeros, short forms, zones or spaces); an IPv4-mapped IPv6 address becomes the IPv4 address it is. */
function parseAddress(text: string): Address | undefined {
  if (isIP(text) === 0 || text.includes('%')) {
    return undefined;
  }
  // ipaddr.js reads every address with a dotted tail as an IPv4-mapped one, so only those may have it.
  if (text.includes(':') && text.includes('.') && !/^::ffff:/i.test(text)) {
    return undefined;
  }
  return ipaddr.process(text);
}

const textOf = (address: Address): string => (address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString());

/** Clients come again and again. */
const spellingsMax = 10_000;
const spellings = openMemo<{ readonly spelling: string | undefined }>(spellingsMax);
const addressCharactersMax = 64;

/** The one spelling of an address (RFC 5952; IPv4-mapped as IPv4); undefined for anything that is not exactly an address. */
export function normaliseAddress(text: string): string | undefined {
  if (text.length > addressCharactersMax) {
    return undefined;
  }
  return spellings.get(text, spell).spelling;
}

function spell(text: string): { readonly spelling: string | undefined } {
  const address = parseAddress(text);
  return { spelling: address && textOf(address) };
}

const ownedIpv6Bits = 64;

/** What an address is counted as: itself, or for IPv6 the /64 that one customer is given, in which addresses cost nothing. */
export function addressSubject(text: string): string {
  const address = parseAddress(text);
  if (!(address instanceof ipaddr.IPv6)) {
    return text;
  }
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${text}/${String(ownedIpv6Bits)}`).toRFC5952String()}/${String(ownedIpv6Bits)}`;
}

interface Network {
  readonly base: Address;
  readonly bits: number;
}

const networkPattern = /^(?<base>[0-9A-Fa-f:.]+)(?:\/(?<bits>\d{1,3}))?$/;

function readNetwork(text: string): Network | undefined {
  const { base: baseText = '', bits: bitsText } = networkPattern.exec(text)?.groups ?? {};
  const base = parseAddress(baseText);
  // A mapped base would shift the meaning of the prefix length.
  if (base === undefined || (base.kind() === 'ipv4' && baseText.includes(':'))) {
    return undefined;
  }
  const width = base.kind() === 'ipv4' ? 32 : 128;
  const bits = bitsText === undefined ? width : Number(bitsText);
  return bits <= width && isFirstOf(base, bits) ? { base, bits } : undefined;
}

/** True where no bit is set behind the prefix: `10.1.2.3/8` may mean `10.0.0.0/8` or `10.1.2.3/32`. */
const isFirstOf = (base: Address, bits: number): boolean =>
  base.toByteArray().every((byte, index) => (byte & (0xff >> Math.min(8, Math.max(0, bits - index * 8)))) === 0);

/** `10.0.0.0/8`, `2001:db8::/32` or a single address, in its one spelling; undefined where host bits are set or it is no network. */
export function parseNetwork(text: string): string | undefined {
  const network = readNetwork(text);
  return network && `${textOf(network.base)}/${String(network.bits)}`;
}

const networksOf = oncePer((texts: readonly string[]): readonly Network[] =>
  texts.map(readNetwork).filter((network) => network !== undefined),
);

/**
 * True where the address lies in one of the networks (texts that `parseNetwork` takes). What is no address, or no network, is in
 * nothing. `networks` is read once: do not change it afterwards.
 */
export function inNetworks(text: string, networks: readonly string[]): boolean {
  const address = parseAddress(text);
  return (
    address !== undefined && networksOf(networks).some(({ base, bits }) => address.kind() === base.kind() && address.match(base, bits))
  );
}

// Metadata services that do not live in 169.254.0.0/16: AWS and Google on IPv6, Alibaba, Azure's wire server.
const metadataAddresses: ReadonlySet<string> = new Set(['fd00:ec2::254', 'fd20:ce::254', '100.100.100.200', '168.63.129.16']);
const nat64Networks = ['64:ff9b::/96'];
const globalUnicastNetworks = ['2000::/3'];

/** Undefined for anything that is not exactly an address. */
export function classifyAddress(text: string): AddressClass | undefined {
  const address = parseAddress(text);
  return address && classify(address);
}

function classify(address: Address): AddressClass {
  const text = textOf(address);
  if (metadataAddresses.has(text)) {
    return 'metadata';
  }
  // Behind NAT64 (RFC 6052) the last 32 bits are the IPv4 address that is really reached.
  if (inNetworks(text, nat64Networks)) {
    return classify(new ipaddr.IPv4(address.toByteArray().slice(12)));
  }
  const found = classOfRange.get(address.range()) ?? 'reserved';
  const isUnassigned = found === 'public' && address.kind() === 'ipv6' && !inNetworks(text, globalUnicastNetworks);
  return isUnassigned ? 'reserved' : found;
}

const classOfRange: ReadonlyMap<string, AddressClass> = new Map([
  ['unicast', 'public'],
  ['private', 'private'],
  ['carrierGradeNat', 'private'],
  ['uniqueLocal', 'private'],
  ['loopback', 'loopback'],
  ['linkLocal', 'link_local'],
]);

/** Whether a configured URL may lead there. Link-local, metadata and reserved addresses never; text that is no address neither. */
export function mayConnect(text: string, allowance: AddressAllowance): boolean {
  const allowed: Record<AddressClass, boolean> = {
    public: true,
    private: allowance.allowPrivate,
    loopback: allowance.allowLoopback,
    link_local: false,
    metadata: false,
    reserved: false,
  };
  const found = classifyAddress(text);
  return found !== undefined && allowed[found];
}

const withPort = /^(?:(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}|\[([\dA-Fa-f:.]{2,45})\](?::\d{1,5})?)$/;

/** Some proxies write where on that machine the connection comes from, too. */
const withoutPort = (entry: string): string => {
  const [, ipv4, ipv6] = withPort.exec(entry) ?? [];
  return ipv4 ?? ipv6 ?? entry;
};

/**
 * The client's address out of `x-forwarded-for`, to which Envoy has appended the direct peer: the entry `trustedHops` places
 * before that peer. Entries further left are the client's own words. Undefined where the list is too short, or where that place
 * holds no address.
 */
export function trustedAddress(forwardedFor: readonly string[], trustedHops: number): string | undefined {
  const entries = forwardedFor.join(',').split(',');
  const entry = entries[entries.length - 1 - trustedHops];
  return entry === undefined ? undefined : normaliseAddress(withoutPort(entry.trim()));
}
