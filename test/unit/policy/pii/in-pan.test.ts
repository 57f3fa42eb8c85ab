import { inPan } from '../../../../src/policy/pii/in-pan.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([inPan], {
  hits: ['his PAN «ABCPE1234F»', 'company «AAACR5055K»', 'pan: «abcpe1234f»', '"panNumber": "«ABCDE1234F»'],
  misses: [
    'no kind has this letter: ABCDE1234F',
    'small letters: abcpe1234f',
    'a digit more: ABCPE12345F',
    'a letter less: BCPE1234F',
    'a key ABCPE1234F9',
    'a model XPS-ABCPE1234',
    'a name ABCPE1234F_x',
  ],
});
