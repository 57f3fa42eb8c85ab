import type { PatternSetting } from '../../core/pattern/user-pattern.ts';
import type { Ranked } from '../detect/detector-set.ts';
import { patternDetectors } from '../detect/user-patterns.ts';
import { exfiltrationDetectors } from '../injection/exfiltration-detector.ts';
import { piiDetectors } from '../pii/registry.ts';
import { nameDetectors } from '../names/detectors.ts';
import { genericSecretDetectors, secretDetectors } from '../secrets/detectors.ts';

/** Where a credential and personal data are found in the same place, it is the credential; what is only assigned to a name is what else it is. */
const secretPriority = 10;
const genericPriority = 0;

const builtInDetectors: readonly Ranked[] = [
  ...piiDetectors,
  ...secretDetectors.map((detector) => ({ detector, priority: secretPriority })),
  ...genericSecretDetectors.map((detector) => ({ detector, priority: genericPriority })),
];

/** What the settings add to what is built in. Plain data. */
export interface OwnEntities {
  readonly patterns: ReadonlyMap<string, PatternSetting>;
  /** Names of persons. */
  readonly names: readonly string[];
}

/** Everything that policies can name: what is built in, and what the settings add. */
export const detectorsWith = ({ patterns, names }: OwnEntities, trustedHosts: readonly string[]): readonly Ranked[] => [
  ...builtInDetectors,
  ...nameDetectors(names),
  ...exfiltrationDetectors(new Set(trustedHosts)),
  ...(patterns.size === 0 ? [] : patternDetectors(patterns)),
];
