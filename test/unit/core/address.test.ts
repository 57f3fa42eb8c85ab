import { describe, expect, it } from 'vitest';
import { classifyAddress, inNetworks, mayConnect, normaliseAddress, parseNetwork, trustedAddress } from '../../../src/core/address.ts';

describe('normaliseAddress', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:0201', '192.0.2.1'],
    ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
  ])('spells %s as %s', (text, expected) => {
    expect(normaliseAddress(text)).toBe(expected);
  });

  it.each([
    '',
    ' 192.0.2.1',
    '192.0.2.1 ',
    '192.0.2',
    '192.0.2.01',
    '0x7f.0.0.1',
    '2130706433',
    '192.0.2.1:80',
    '[::1]',
    '::1%eth0',
    '1::2::3',
    'localhost',
    '::ffff:0x7f.0.0.1',
    `::1${' '.repeat(64)}`,
  ])('takes %j for no address', (text) => {
    expect(normaliseAddress(text)).toBeUndefined();
  });
});

describe('parseNetwork', () => {
  it.each([
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['192.0.2.7', '192.0.2.7/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8::/33', '2001:db8::/33'],
    ['::1', '::1/128'],
  ])('reads %s as %s', (text, expected) => {
    expect(parseNetwork(text)).toBe(expected);
  });

  it.each([
    '10.1.2.3/8',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8 ',
    '10/8',
    '2001:db8::1/64',
    '::/129',
    '::ffff:10.0.0.0/104',
    'any',
    '',
  ])('refuses %j', (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  });
});

describe('inNetworks', () => {
  it.each([
    ['10.255.255.255', ['10.0.0.0/8'], true],
    ['11.0.0.0', ['10.0.0.0/8'], false],
    ['::ffff:10.1.2.3', ['10.0.0.0/8'], true],
    ['::1', ['0.0.0.0/0'], false],
    ['192.0.2.1', ['::/0'], false],
    ['192.0.2.1', ['10.0.0.0/8', '192.0.2.1'], true],
    ['192.0.2.1', [], false],
    ['192.0.2.1', ['192.0.2.9/8', 'all', '0.0.0.0/0x'], false],
    ['nowhere', ['0.0.0.0/0', '::/0'], false],
  ])('%s in %j: %s', (text, networks, expected) => {
    expect(inNetworks(text, networks)).toBe(expected);
    expect(inNetworks(text, networks)).toBe(expected);
  });
});

describe('classifyAddress', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['2001:4860:4860::8888', 'public'],
    ['64:ff9b::808:808', 'public'],
    ['10.0.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.0.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fd12:3456::1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['64:ff9b::7f00:1', 'loopback'],
    ['169.254.0.1', 'link_local'],
    ['169.254.169.254', 'link_local'],
    ['::ffff:169.254.169.254', 'link_local'],
    ['64:ff9b::a9fe:a9fe', 'link_local'],
    ['fe80::1', 'link_local'],
    ['fd00:ec2::254', 'metadata'],
    ['fd20:ce::254', 'metadata'],
    ['100.100.100.200', 'metadata'],
    ['168.63.129.16', 'metadata'],
    ['0.0.0.0', 'reserved'],
    ['::', 'reserved'],
    ['::7f00:1', 'reserved'],
    ['::127.0.0.1', undefined],
    ['224.0.0.1', 'reserved'],
    ['255.255.255.255', 'reserved'],
    ['192.0.0.192', 'reserved'],
    ['198.18.0.1', 'reserved'],
    ['240.0.0.1', 'reserved'],
    ['2002:7f00:1::', 'reserved'],
    ['2001::1', 'reserved'],
    ['2001:db8::1', 'reserved'],
    ['fec0::1', 'reserved'],
    ['4000::1', 'reserved'],
    ['::ffff:0:127.0.0.1', 'reserved'],
    ['localhost', undefined],
  ])('%s is %s', (text, expected) => {
    expect(classifyAddress(text)).toBe(expected);
  });
});

describe('mayConnect', () => {
  const nothing = { allowLoopback: false, allowPrivate: false };
  const everything = { allowLoopback: true, allowPrivate: true };

  it.each(['169.254.169.254', 'fd00:ec2::254', '100.100.100.200', 'fe80::1', '0.0.0.0', '2002:7f00:1::', 'localhost', ''])(
    'never lets anyone reach %j',
    (text) => {
      expect(mayConnect(text, everything)).toBe(false);
    },
  );

  it.each([
    ['8.8.8.8', nothing, true],
    ['127.0.0.1', nothing, false],
    ['127.0.0.1', { allowLoopback: true, allowPrivate: false }, true],
    ['127.0.0.1', { allowLoopback: false, allowPrivate: true }, false],
    ['10.0.0.1', nothing, false],
    ['10.0.0.1', { allowLoopback: false, allowPrivate: true }, true],
    ['10.0.0.1', { allowLoopback: true, allowPrivate: false }, false],
  ])('%s with %j: %s', (text, allowance, expected) => {
    expect(mayConnect(text, allowance)).toBe(expected);
  });
});

describe('trustedAddress', () => {
  it.each([
    [['192.0.2.1'], 0, '192.0.2.1'],
    [['203.0.113.9, 192.0.2.1'], 0, '192.0.2.1'],
    [['203.0.113.9, 192.0.2.1'], 1, '203.0.113.9'],
    [['6.6.6.6,203.0.113.9', '192.0.2.1'], 1, '203.0.113.9'],
    [['6.6.6.6, ::ffff:203.0.113.9, 192.0.2.1'], 1, '203.0.113.9'],
    [['192.0.2.1'], 1, undefined],
    [[], 0, undefined],
    [[''], 0, undefined],
    [['203.0.113.9:4711, 192.0.2.1'], 1, '203.0.113.9'],
    [['[2001:db8::1]:4711, 192.0.2.1'], 1, '2001:db8::1'],
    [['[2001:db8::1], 192.0.2.1'], 1, '2001:db8::1'],
    [['[::ffff:203.0.113.9]:80, 192.0.2.1'], 1, '203.0.113.9'],
    [['203.0.113.9:, 192.0.2.1'], 1, undefined],
    [['203.0.113.9:471100, 192.0.2.1'], 1, undefined],
    [['203.0.113.999:80, 192.0.2.1'], 1, undefined],
    [['2001:db8::1:4711:zz, 192.0.2.1'], 1, undefined],
    [['[2001:db8::1, 192.0.2.1'], 1, undefined],
    [['[fe80::1%eth0]:80, 192.0.2.1'], 1, undefined],
    [['_hidden, 192.0.2.1'], 1, undefined],
    [['unknown, 192.0.2.1'], 1, undefined],
    [['203.0.113.9,, 192.0.2.1'], 1, undefined],
  ])('%j behind %d hops is %s', (values, hops, expected) => {
    expect(trustedAddress(values, hops)).toBe(expected);
  });
});
