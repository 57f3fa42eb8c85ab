import { usSsn } from '../../../../src/policy/pii/us-ssn.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([usSsn], {
  hits: [
    '<input name="ssn" value="«536904399»',
    'customerSsn=«536904399»',
    'GET /ssn/«536904399»',
    'he is «536-90-4399»',
    'he is «536 90 4399»',
    'SSN: «536904399»',
    'ssn «536.90.4399»',
    '"userSsn": "«536904399»',
    'social security number «123-45-6789»',
  ],
  misses: [
    'the SSN is wrong: bytes=536904399',
    'my SSN, GET /items/536904399',
    'SSN unknown, case no. 536904399',
    'no such area: 000-12-3456',
    'no such area: 666-12-3456',
    'no such area: 912-12-3456',
    'no such group: 536-00-4399',
    'no such serial number: 536-90-0000',
    'nothing names it: 536904399',
    'other groups: 5369-04-399',
    'a digit more: 536-90-43991',
    'different signs: 536-90 4399',
    'part of a number: 1-536-90-4399',
    'a date 2024-10-2024',
  ],
});
