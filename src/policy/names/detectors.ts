import type { Ranked } from '../detect/detector-set.ts';
import { introducedName } from './introduced-name.ts';
import { anyCase, knownNames, sameCase } from './known-names.ts';

/** Below all that a form tells: a name within an address or a link is no name there. */
const priority = 0;

/** Entity `person`: off unless asked for, since nothing tells a name for certain. `known` are those of the settings. */
export const nameDetectors = (known: readonly string[]): readonly Ranked[] => [
  { detector: introducedName, priority },
  ...(known.length === 0 ? [] : [{ detector: knownNames(known, anyCase), priority }]),
];

/** Names that were found in a text, in their own letter case: `Will` is a name where `will` is none. */
export const foundNameDetectors = (names: readonly string[]): readonly Ranked[] => [{ detector: knownNames(names, sameCase), priority }];
