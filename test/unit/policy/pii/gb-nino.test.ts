import { gbNino } from '../../../../src/policy/pii/gb-nino.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([gbNino], {
  hits: ['NI number «AB123456C»', 'it is «JG 12 13 16 A»', 'it is «JG-12-13-16-A»', 'nino «ab123456c»'],
  misses: [
    'never issued: GB123456A',
    'never issued: ZZ123456A',
    'no such letter: DA123456A',
    'no such end: AB123456E',
    'small letters: ab123456c',
    'a digit more: AB1234567C',
    'a digit less: AB12345C',
  ],
});
