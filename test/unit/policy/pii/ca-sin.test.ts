import { caSin } from '../../../../src/policy/pii/ca-sin.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([caSin], {
  hits: ['he has «130-692-544»', 'SIN «130 692 544»', 'social insurance number «130692544»'],
  misses: [
    'a digit changed: 130-692-545',
    'begins with 8: 830-692-544',
    'nothing names it: 130 692 544',
    'SIN 1306925440',
    'different signs: 130-692 544',
  ],
});
