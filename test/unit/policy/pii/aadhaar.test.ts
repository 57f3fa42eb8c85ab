import { aadhaar } from '../../../../src/policy/pii/aadhaar.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([aadhaar], {
  hits: [
    'aadhaar «2341 2341 2346»',
    'my number is «234123412346»',
    'UID «9999-4105-7058»',
    'Aadhaar «9999:7165:8847»',
    'आधार «234123412346»',
  ],
  misses: [
    'a digit changed: 2341 2341 2347',
    'two digits exchanged: 2341 2314 2346',
    'begins with 1: 1341 2341 2346',
    'a digit more: 2341 2341 23461',
    'order no. 234123412346',
    'trackingId=234123412346',
    'arn:aws:iam::234123412346:role/x',
    'a uuid 550e8400-e29b-41d4-a716-234123412346',
    'a date and time 202610281132',
    'a number with a decimal point 0.234123412346',
  ],
});
