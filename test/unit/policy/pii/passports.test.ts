import { gbPassport, inPassport, usPassport } from '../../../../src/policy/pii/passports.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([inPassport], {
  hits: ['passport «K1234567»', 'Passport No: «J82 93754»', '"passportNumber": "«N1234561»', 'पासपोर्ट «K1234567»'],
  misses: ['a part K1234567', 'passport K1234560', 'passport K0234567', 'passport K12345678', 'passport Q1234567', 'passport 1234567'],
});

describeDetector([usPassport], {
  hits: [
    'passport «123456789»',
    'passport number is «A12345678»',
    'UK passport lost, US passport «123456789»',
    'British, with a passport of the United States: «A12345678»',
  ],
  misses: [
    'a number 123456789',
    'passport 12345678',
    'passport 1234567890',
    'his UK passport 123456789',
    'her American husband, and her UK passport 123456789',
  ],
});

describeDetector([gbPassport], {
  hits: ['UK passport «123456789»', 'British passport: «123 456 789»', 'US passport lost, UK passport «123456789»'],
  misses: ['passport 123456789', 'UK order 123456789', 'UK passport 12345678', 'UK visa, US passport 123456789'],
});
