import { brCnpj, brCpf } from '../../../../src/policy/pii/br-numbers.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([brCpf], {
  hits: ['ele tem «529.982.247-25»', 'CPF «52998224725»', 'CPF: «529 982 247 25»', 'cpf «529982247-25»'],
  misses: [
    'a digit changed: 529.982.247-26',
    'all alike: 111.111.111-11',
    'nothing names it: 52998224725',
    'a digit more: 529.982.247-251',
    'CPF 5299822472',
  ],
});

describeDetector([brCnpj], {
  hits: ['a empresa «11.222.333/0001-81»', 'CNPJ «11222333000181»', 'with letters «12.ABC.345/01DE-35»'],
  misses: [
    'a digit changed: 11.222.333/0001-82',
    'all zeros: 00.000.000/0000-00',
    'nothing names it: 11222333000181',
    'a digit more: 11.222.333/0001-811',
  ],
});
