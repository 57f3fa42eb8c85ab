import { deIdCard } from '../../../../src/policy/pii/de-id-card.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([deIdCard], {
  hits: ['Personalausweis «T220001293»', 'Ausweisnummer: «LZ6311T475»', 'Reisepass «C01X00T47»', 'German ID «T22000129»'],
  misses: [
    'nothing names it: T220001293',
    'Personalausweis T220001294',
    'Personalausweis A22000129',
    'Personalausweis TTTTTTTTT',
    'Personalausweis T2200012',
  ],
});
