import { openBodyWorkers, type BodyWorkers } from '../../src/pipeline/body-workers.ts';
import type { Ports } from '../../src/pipeline/ports.ts';
import { workOn } from '../../src/pipeline/body-work.ts';

/** Whole bodies are worked on where the test runs, whatever their size. */
export const bodiesHere: BodyWorkers = openBodyWorkers({ ask: (work) => Promise.resolve(workOn(work)) });

export const noGuards: Ports['guards'] = {
  judge: () => Promise.resolve([]),
  find: () => Promise.resolve({ kind: 'fault', cause: 'internal' }),
};
