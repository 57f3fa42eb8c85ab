import { email } from '../../../../src/policy/pii/email.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([email], {
  hits: [
    'write to «jane.doe@example.com»',
    'write to «jane+lists@mail.example.co.uk»',
    "write to «o'brien_99@sub-domain.example.travel»",
    'write to «jörg@müller.de»',
    'write to «иван@пример.рф»',
    'write to «jane@intranet.corp»',
    'write to «jane@build7.internal»',
    '邮箱是«test@example.cn»',
    'mailto:«jane@example.org»',
    'the full stop without a space: «a@b.com.Thanks»',
  ],
  misses: [
    'npm install react@18.2.0',
    'npm install @types/node',
    'an @mention of somebody',
    'x @ y.dot',
    'y = x@self.weight',
    'jane@localhost',
    'jane@example',
    'jane@example.unknowntop',
    'jane@.com',
    '@example.com',
    'jane at example.com',
    'user@@example.com',
  ],
});
