import type { Eventually } from '../core/eventually.ts';
import type { Endpoint } from '../core/operation.ts';
import { fault, next, type Faulted, type Outcome } from '../core/outcome.ts';
import { asBuffer } from '../policy/json/cursor.ts';
import type { JudgedBody } from '../policy/llm/body.ts';
import type { MaskedAnswer } from '../policy/masking/mask-answer.ts';
import type { MaskedRequest } from '../policy/masking/mask-request.ts';
import type { BodyPool } from './body-pool.ts';
import { judge, maskAnswerHere, maskRequestHere, type BodyResult, type MaskAnswerWork, type MaskRequestWork } from './body-work.ts';

/** Up to here a body is worked on where it is: sending it to another thread would cost more than the work. */
const inlineBytesMax = 32_768;

/** What is done with whole bodies, large ones beside the event loop, hence perhaps later: none holds it longer than a few milliseconds. */
export interface BodyWorkers {
  readonly judge: (endpoint: Endpoint, bytes: Buffer) => Eventually<Outcome<JudgedBody>>;
  readonly maskRequest: (work: Omit<MaskRequestWork, 'op'>) => Eventually<Outcome<MaskedRequest>>;
  readonly maskAnswer: (work: Omit<MaskAnswerWork, 'op'>) => Eventually<Outcome<MaskedAnswer>>;
}

export function openBodyWorkers({ ask }: Pick<BodyPool, 'ask'>): BodyWorkers {
  return {
    judge: (endpoint, bytes) => {
      const work = { op: 'judge', endpoint, bytes } as const;
      return bytes.length <= inlineBytesMax
        ? judge(work)
        : ask(work).then((result) => (isOf(result, 'judge') ? result.outcome : faultOf(result)));
    },
    maskRequest: (asked) => {
      const work = { op: 'mask-request', ...asked } as const;
      return work.bytes.length <= inlineBytesMax
        ? maskRequestHere(work)
        : ask(work).then((result) => (isOf(result, 'mask-request') ? withBuffer(result.outcome) : faultOf(result)));
    },
    maskAnswer: (asked) => {
      const work = { op: 'mask-answer', ...asked } as const;
      return work.bytes.length <= inlineBytesMax
        ? maskAnswerHere(work)
        : ask(work).then((result) => (isOf(result, 'mask-answer') ? withBuffer(result.outcome) : faultOf(result)));
    },
  };
}

const isOf = <Op extends BodyResult['op']>(result: BodyResult | Faulted, op: Op): result is Extract<BodyResult, { readonly op: Op }> =>
  'op' in result && result.op === op;

const faultOf = (result: BodyResult | Faulted): Faulted =>
  'op' in result ? fault('body', 'invariant', `an answer to ${result.op} that was not asked`) : result;

/** Bytes that come from another thread are no `Buffer` any more. */
const withBuffer = <Found extends { readonly body: Uint8Array }>(outcome: Outcome<Found>): Outcome<Found & { readonly body: Buffer }> =>
  outcome.kind === 'next' ? next({ ...outcome.found, body: asBuffer(outcome.found.body) }) : outcome;
