import { sgNric } from '../../../../src/policy/pii/sg-nric.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([sgNric], {
  hits: ['NRIC «S1234567D»', 'NRIC «T1234567J»', 'FIN «F1234567N»', 'FIN «G1234567X»', 'FIN «M1234567K»', 'nric «s1234567d»'],
  misses: ['another letter: S1234567E', 'another series: A1234567D', 'a digit more: S12345678D', 'a digit less: S123456D'],
});
