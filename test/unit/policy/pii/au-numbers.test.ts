import { auAbn, auMedicare, auTfn } from '../../../../src/policy/pii/au-numbers.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([auTfn], {
  hits: ['TFN «123 456 782»', 'tax file number «876543210»'],
  misses: ['TFN 123 456 783', 'nothing names it: 123 456 782', 'TFN 12345678', 'TFN 1234567820'],
});

describeDetector([auMedicare], {
  hits: ['card «2123 45670 1»', 'Medicare «2123456701»', 'Medicare «2123 45670 1/2»', 'medicareNumber: «2428778132»'],
  misses: ['Medicare 2123 45680 1', 'nothing names it: 2123456701', 'Medicare 7123456701', 'Medicare 212345670'],
});

describeDetector([auAbn], {
  hits: ['company «51 824 753 556»', 'ABN «83914571673»'],
  misses: ['ABN 51 824 753 557', 'nothing names it: 51824753556', 'ABN 5182475355', 'order 51 824 753 556'],
});
