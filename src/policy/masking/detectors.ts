import type { Ranked } from '../detect/detector-set.ts';
import { piiDetectors } from '../pii/registry.ts';
import { genericSecretDetectors, secretDetectors } from '../secrets/detectors.ts';

/** Where a credential and personal data are found in the same place, it is the credential; what is only assigned to a name is what else it is. */
const secretPriority = 10;
const genericPriority = 0;

/** Everything that policies can name. */
export const builtInDetectors: readonly Ranked[] = [
  ...piiDetectors,
  ...secretDetectors.map((detector) => ({ detector, priority: secretPriority })),
  ...genericSecretDetectors.map((detector) => ({ detector, priority: genericPriority })),
];
