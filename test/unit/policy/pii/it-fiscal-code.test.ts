import { itFiscalCode } from '../../../../src/policy/pii/it-fiscal-code.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([itFiscalCode], {
  hits: ['codice fiscale «RSSMRA85T10A562S»', 'cf «mrtmtt25d09f205z»'],
  misses: [
    'another letter: RSSMRA85T10A562T',
    'no such month: RSSMRA85F10A562S',
    'a letter more: RSSMRA85T10A562SX',
    'a letter less: RSMRA85T10A562S',
  ],
});
