import { deTaxId } from '../../../../src/policy/pii/de-tax-id.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([deTaxId], {
  hits: ['Steuer-ID «86095742719»', 'IdNr. «47 036 892 816»', 'her «65929970489»', 'ABN 51 824 753 556, Steuer-ID «86095742719»'],
  misses: [
    'a digit changed: 86095742718',
    'begins with 0: 06095742719',
    'no digit twice: 12345678903',
    'a digit more: 860957427190',
    'order 86095742719',
    'ABN 86095742719',
    'Steuer-ID lost, ABN 86095742719',
  ],
});
