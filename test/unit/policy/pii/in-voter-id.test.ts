import { inVoterId } from '../../../../src/policy/pii/in-voter-id.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([inVoterId], {
  hits: ['voter id «ABC1234567»', 'EPIC no. «XYZ7654321»', '"voterId": "«ABC1234567»'],
  misses: ['an order ABC1234567', 'voter id ABC123456', 'voter id ABC12345678', 'voter id AB1234567'],
});
