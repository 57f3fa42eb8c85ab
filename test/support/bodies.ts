import { judge, maskAnswerHere, maskRequestHere } from '../../src/pipeline/body-work.ts';
import type { Ports } from '../../src/pipeline/ports.ts';

/** Whole bodies are worked on where the test runs, whatever their size. */
export const bodiesHere: Pick<Ports, 'judgeBody' | 'maskRequest' | 'maskAnswer'> = {
  judgeBody: (endpoint, bytes) => judge({ op: 'judge', endpoint, bytes }),
  maskRequest: (work) => maskRequestHere({ op: 'mask-request', ...work }),
  maskAnswer: (work) => maskAnswerHere({ op: 'mask-answer', ...work }),
};
