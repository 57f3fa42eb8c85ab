import { gbNhs } from '../../../../src/policy/pii/gb-nhs.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([gbNhs], {
  hits: ['NHS number «943 476 5919»', 'nhs «9434765919»', '"nhsNumber": "«4505577104»', 'patient «943-476-5919»'],
  misses: ['NHS number 943 476 5918', 'NHS number 943 476 591', 'nothing names it: 943 476 5919', 'NHS number 94347659190'],
});
