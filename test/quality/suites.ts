import type { DetectorSet } from '../../src/policy/detect/detector-set.ts';
import type { Labelled } from './labelled.ts';
import { piiSuite } from './pii-suite.ts';

/** Detectors and the data that they are judged on. A new suite is a file and a line below. */
export interface Suite {
  readonly name: string;
  readonly set: DetectorSet;
  /** About `samples` values of each entity, always the same for a seed. */
  readonly make: (seed: number, samples: number) => Iterable<Labelled>;
}

export const suites: readonly Suite[] = [piiSuite];
