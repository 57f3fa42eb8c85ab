import type { Ranked } from '../../src/policy/detect/detector-set.ts';
import { patternDetectors } from '../../src/policy/detect/user-patterns.ts';
import { nameDetectors } from '../../src/policy/names/detectors.ts';
import { exfiltrationDetectors } from '../../src/policy/injection/exfiltration-detector.ts';
import { piiDetectors } from '../../src/policy/pii/registry.ts';
import { genericSecretDetectors, secretDetectors } from '../../src/policy/secrets/detectors.ts';

/** Everything that is built in, at once. */
export const everyBuiltIn: readonly Ranked[] = [
  ...piiDetectors,
  ...secretDetectors.map((detector) => ({ detector, priority: 10 })),
  ...genericSecretDetectors.map((detector) => ({ detector, priority: 0 })),
  ...nameDetectors(['Ann Lee', 'Ann', "O'Neill", 'Ann Lee Smith']),
  ...exfiltrationDetectors(new Set(['docs.example'])),
];

const patterns = new Map([
  ['employee-id', { regex: 'EMP-[0-9]{6}', longest: 10, context: undefined }],
  ['case-number', { regex: String.raw`\b[A-Z]{2}-?\d{2,6}\b`, longest: 9, context: ['case', 'file no'] }],
]);

/** The same and patterns of an operator. */
export const everyDetector: readonly Ranked[] = [...everyBuiltIn, ...patternDetectors(patterns)];
