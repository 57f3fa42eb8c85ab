import { macAddress } from '../../../../src/policy/pii/mac-address.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([macAddress], {
  hits: ['eth0 «00:1A:2B:3C:4D:5E»', 'eth0 «00-1a-2b-3c-4d-5e»', 'port «001a.2b3c.4d5e»', 'eui «00:1A:2B:FF:FE:3C:4D:5E»'],
  misses: [
    'nobody ff:ff:ff:ff:ff:ff',
    'nobody 00:00:00:00:00:00',
    'five pairs 00:1A:2B:3C:4D',
    'seven pairs 00:1A:2B:3C:4D:5E:6F',
    'mixed signs 00:1A-2B:3C-4D:5E',
    'numbers 1234.5678.9012',
    'a uuid 550e8400-e29b-41d4-a716-446655440000',
    'fingerprint ab:cd:ef:12:34:56:78:90:ab:cd:ef:12:34:56:78:90',
  ],
});
