import { esNif } from '../../../../src/policy/pii/es-nif.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([esNif], {
  hits: [
    'DNI «12345678Z»',
    'DNI «12345678-Z»',
    'DNI «12.345.678-Z»',
    'NIE «X1234567L»',
    'NIE «X-1234567-L»',
    'nie «z1234567r»',
    'DNI «99585767E»',
  ],
  misses: [
    'another letter: 12345678A',
    'a digit more: 123456789Z',
    'a digit less: 1234567Z',
    'NIE W1234567L',
    'a hash 12345678zabc',
    'order 12345678Z',
    '+99585767E-23',
  ],
});
