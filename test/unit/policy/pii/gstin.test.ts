import { gstin } from '../../../../src/policy/pii/gstin.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([gstin], {
  hits: ['GSTIN «27AAPFU0939F1ZV»', 'invoice of «29AAGCB7383J1Z4»', 'gst «27aapfu0939f1zv»'],
  misses: [
    'a character changed: 27AAPFU0939F1ZW',
    'no such state: 57AAPFU0939F1ZV',
    'a character more: 27AAPFU0939F1ZV1',
    'two exchanged: 27AAPFU0993F1ZV',
  ],
});
