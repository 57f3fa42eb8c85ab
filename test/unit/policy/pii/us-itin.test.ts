import { usItin } from '../../../../src/policy/pii/us-itin.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([usItin], {
  hits: ['ITIN «912-70-1234»', 'she has «900 88 9999»', 'taxpayer id «999941234»'],
  misses: [
    'no such group: 912-69-1234',
    'no such group: 912-93-1234',
    'an SSN 536-90-4399',
    'nothing names it: 912701234',
    'a digit more: 912-70-12345',
  ],
});
