import { frNir } from '../../../../src/policy/pii/fr-nir.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([frNir], {
  hits: ['sécu «255081416802538»', 'sécu «2 55 08 14 168 025 38»', 'né en Corse «1 84 12 2A 451 089 33»', 'sécu «1.84.12.76.451.089.46»'],
  misses: [
    'a digit changed: 255081416802539',
    'no such month: 255131416802538',
    'begins with 9: 955081416802538',
    'a digit more: 2550814168025381',
    'a digit less: 25508141680253',
  ],
});
