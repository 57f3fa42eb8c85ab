import { phoneInUrl } from '../../../../src/policy/pii/phone-in-url.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([phoneInUrl], {
  hits: [
    'https://example.org/?to=«%2B14155550123»',
    'From=«%2b442079460958»',
    'x%3D«%2B919876543210»',
    '&tel=«%2B33%206%2012%2034%2056%2078»',
    '&tel=«%2B1+%28415%29+555-0123»',
  ],
  misses: ['jane%2B14155550123', 'a=%2B14155550123x', 'a=%2B99914155550123', 'sum=1%2B2', '100%2B', 'a=%2C14155550123'],
});
