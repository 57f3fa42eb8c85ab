import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { observe, type Seen } from '../support/ask.ts';
import { openDoor, type Door } from '../support/door.ts';

const CHAINS = ['authz+proc', 'proc'] as const;

/** The direct peer of every request. Not 127.0.0.1: Envoy enters its own address for that one. */
const peer = '127.0.0.2';

type Lines = readonly (readonly [name: string, value: string])[];
const forwarded = (...values: readonly string[]): Lines => values.map((value) => ['x-forwarded-for', value]);

/** Headers of the request, and the client's address in its one spelling; undefined where it cannot be told. */
type Row = readonly [what: string, headers: Lines, address: string | undefined];

const DIRECT: readonly Row[] = [
  ['nothing', [], peer],
  ['an address', forwarded('203.0.113.9'), peer],
  ['a list', forwarded('203.0.113.9, 198.51.100.7'), peer],
  ['two lines', forwarded('203.0.113.9', '198.51.100.7'), peer],
  ['garbage', forwarded('", <script>, 0'), peer],
  ['nothing but commas', forwarded(',,,'), peer],
  ['a list of three hundred', forwarded(Array.from({ length: 300 }, () => '203.0.113.9').join(',')), peer],
  [
    'other headers that name a client',
    [
      ['x-real-ip', '203.0.113.9'],
      ['forwarded', 'for=203.0.113.9'],
      ['true-client-ip', '203.0.113.9'],
      ['x-client-ip', '203.0.113.9'],
      ['x-envoy-external-address', '203.0.113.9'],
      ['cf-connecting-ip', '203.0.113.9'],
    ],
    peer,
  ],
];

const BEHIND_ONE: readonly Row[] = [
  ['what the proxy says', forwarded('203.0.113.9'), '203.0.113.9'],
  ['what the client put in front', forwarded('198.51.100.7, 203.0.113.9'), '203.0.113.9'],
  ['what the client put in front, in a line of its own', forwarded('198.51.100.7', '203.0.113.9'), '203.0.113.9'],
  ['garbage in front', forwarded('x, "203.0.113.8", 203.0.113.9'), '203.0.113.9'],
  ['empty entries in front', forwarded(',, ,203.0.113.9'), '203.0.113.9'],
  ['IPv6', forwarded('2001:db8::1'), '2001:db8::1'],
  ['IPv6 in another spelling', forwarded('2001:0DB8:0:0:0:0:0:1'), '2001:db8::1'],
  ['IPv6 behind IPv4', forwarded('198.51.100.7, 2001:db8::1'), '2001:db8::1'],
  ['a mapped IPv4 address', forwarded('::ffff:203.0.113.9'), '203.0.113.9'],
  ['a mapped IPv4 address in hexadecimal', forwarded('::ffff:cb00:7109'), '203.0.113.9'],
  ['a loopback address', forwarded('127.0.0.1'), '127.0.0.1'],
  ['an address with a port', forwarded('203.0.113.9:4711'), '203.0.113.9'],
  ['an address in brackets', forwarded('[2001:db8::1]'), '2001:db8::1'],
  ['an address in brackets with a port', forwarded('[2001:db8::1]:4711'), '2001:db8::1'],
  ['nothing: the request did not come through the proxy', [], undefined],
  ['an empty header', forwarded(''), undefined],
  ['a port that is none', forwarded('203.0.113.9:471100'), undefined],
  ['an address with a zone', forwarded('fe80::1%eth0'), undefined],
  ['leading zeros', forwarded('203.0.113.009'), undefined],
  ['one number', forwarded('3405803785'), undefined],
  ['the word unknown', forwarded('203.0.113.9, unknown'), undefined],
  ['an empty last entry', forwarded('203.0.113.9, '), undefined],
];

async function askWith(door: Door, headers: Lines, networks: readonly string[] | undefined): Promise<Seen> {
  const { key } = await door.createKey({ networks });
  return observe(door, { bearer: key, headers, from: peer });
}

describe.each([
  { hops: 0, place: 'directly at the door', rows: DIRECT },
  { hops: 1, place: 'behind one proxy', rows: BEHIND_ONE },
])('the address of a client $place', ({ hops, rows }) => {
  let doors: readonly Door[];
  beforeAll(async () => {
    doors = await Promise.all(
      CHAINS.map((chain) =>
        openDoor({
          settings: (raw) => {
            raw.edge.chain = chain;
            raw.edge.trustedHops = hops;
          },
        }),
      ),
    );
  });
  afterAll(async () => {
    await Promise.all(doors.map((door) => door[Symbol.asyncDispose]()));
  });

  it.each(rows)('is not moved by %s, in the decision and in the log, in both chains', async (_what, headers, address) => {
    for (const [inside, outside] of await Promise.all(
      doors.map(async (door) => {
        const within = address === undefined ? undefined : [address];
        const first = await askWith(door, headers, within);
        return [first, await askWith(door, headers, address === undefined ? ['0.0.0.0/0', '::/0'] : ['192.0.2.0/24', '2001:db8:1::/48'])];
      }),
    )) {
      expect(inside).toMatchObject({ status: 200, arrived: 1 });
      expect(inside?.line['address']).toBe(address);
      expect(outside).toMatchObject({ status: 403, code: 'network_not_allowed', arrived: 0 });
      expect(outside?.line['address']).toBe(address);
    }
  });

  it('is not told to the provider', () => {
    for (const door of doors) {
      const names = door.providers.alpha.requests.flatMap(({ headers }) => headers.map(([name]) => name.toLowerCase()));
      expect(names.filter((name) => name.startsWith('x-forwarded') || name === 'forwarded' || name.endsWith('-ip'))).toEqual([]);
      expect(names).toContain('authorization');
    }
  });
});
