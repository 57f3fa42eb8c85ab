import { describe, expect, it } from 'vitest';
import { detectWhole } from '../../../../src/policy/detect/detection.ts';
import { detectorSet } from '../../../../src/policy/detect/detector-set.ts';
import { ipv4, ipv6 } from '../../../../src/policy/pii/ip.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([ipv4, ipv6], {
  hits: [
    'from «203.0.113.42»',
    'from «10.0.0.15»',
    '.«203.0.113.43»',
    'the server 1: «8.8.8.8»',
    'ssh root@«192.168.10.20»',
    'http://«192.168.10.20»',
    'ip=«172.16.254.1»',
    'localhost/«127.0.0.1»',
    'from «2001:db8:85a3::8a2e:370:7334»',
    'from «2001:0db8:85a3:0000:0000:8a2e:0370:7334»',
    'from «fe80::1ff:fe23:4567:890a»',
    'from «::ffff:192.0.2.128»',
    'loopback «::1»',
    'ping «1::2»',
    'ip.addr==«203.0.113.42»',
    'if (clientIp == «203.0.113.42»',
    'curl https://ipinfo.io/«203.0.113.42»',
    'GET /v1/ip/«203.0.113.42»',
    'Connection refused: db-1.example.org/«203.0.113.42»',
    'X509v3 SAN: IP Address:«2001:DB8:0:0:0:0:0:1»',
    'ip:«2001:db8:85a3::8a2e:370:7334»',
    '地址：«2001:db8:85a3::8a2e:370:7334»',
    'addr-«203.0.113.42»',
    '"host":«2001:db8:85a3:1:2:8a2e:370:7334»',
  ],
  misses: [
    'version 1.2.3.4',
    'upgraded to 10.20.30.40',
    'v10.20.30.40',
    '"version": "10.0.19041.1"',
    'nginx/1.24.10.20',
    'foo==10.11.12.13',
    'zip==10.11.12.13',
    'Next.js/14.10.11.12',
    'org/foo/10.11.12.13/foo.jar',
    'foo-10.11.12.13.tar.gz',
    'the chapter 1.2.3.4',
    'Chrome/120.0.6099.109',
    'an object identifier 1.3.6.1.4.1.311',
    '300.1.2.3',
    '10.0.0',
    '10.0.0.256',
    'the time 12:30:45',
    'std::string and a::b',
    'Foo::Bar::baz',
    'mac 00:1A:2B:3C:4D:5E',
    'eui 00:1A:2B:3C:4D:5E:6F:70',
    'fingerprint ab:cd:ef:12:34:56:78:90:ab:cd',
  ],
});

describe('a port behind an address', () => {
  const set = detectorSet([ipv4, ipv6].map((detector) => ({ detector, priority: 1 })));

  it.each([
    ['Connection refused: db/203.0.113.42:5432', ['203.0.113.42']],
    ['nginx/1.24.10.20 (Ubuntu)', []],
    ['from 2001:db8:1:2:3:4:5:6: connection refused', ['2001:db8:1:2:3:4:5:6']],
    ['fingerprint 20:01:0d:b8:1f:2a:3b:4c:5d', []],
  ])('tells %s', (text, expected) => {
    expect(detectWhole(text, set).map(({ start, end }) => text.slice(start, end))).toEqual(expected);
  });
});
