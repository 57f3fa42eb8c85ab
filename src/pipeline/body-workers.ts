import type { Eventually } from '../core/eventually.ts';
import type { Endpoint } from '../core/operation.ts';
import { fault, next, type Faulted, type Outcome } from '../core/outcome.ts';
import { asBuffer } from '../policy/json/cursor.ts';
import type { JudgedBody } from '../policy/llm/body.ts';
import type { MaskedAnswer } from '../policy/masking/mask-answer.ts';
import type { MaskedRequest } from '../policy/masking/mask-request.ts';
import type { BodyPool } from './body-pool.ts';
import {
  workOn,
  type BodyResult,
  type BodyWork,
  type InspectAnswerWork,
  type InspectedRequest,
  type InspectRequestWork,
  type MaskAnswerWork,
  type MaskRequestWork,
} from './body-work.ts';

/** Up to here a body is worked on where it is: sending it to another thread would cost more than the work. */
const inlineBytesMax = 32_768;

/** What is done with whole bodies, large ones beside the event loop, hence perhaps later: none holds it longer than a few milliseconds. */
export interface BodyWorkers {
  readonly judgeBody: (endpoint: Endpoint, bytes: Buffer) => Eventually<Outcome<JudgedBody>>;
  readonly maskRequest: (work: Omit<MaskRequestWork, 'op'>) => Eventually<Outcome<MaskedRequest>>;
  readonly maskAnswer: (work: Omit<MaskAnswerWork, 'op'>) => Eventually<Outcome<MaskedAnswer>>;
  readonly inspectRequest: (work: Omit<InspectRequestWork, 'op'>) => Eventually<Outcome<InspectedRequest>>;
  /** The texts that a model says in it. */
  readonly inspectAnswer: (work: Omit<InspectAnswerWork, 'op'>) => Eventually<Outcome<readonly string[]>>;
}

export function openBodyWorkers({ ask }: Pick<BodyPool, 'ask'>): BodyWorkers {
  const run = <Found>(work: BodyWork, read: (result: BodyResult) => Outcome<Found> | undefined): Eventually<Outcome<Found>> =>
    work.bytes.length <= inlineBytesMax ? (read(workOn(work)) ?? unasked) : ask(work).then((result) => outcomeOf(result, read));
  return {
    judgeBody: (endpoint, bytes) => run({ op: 'judge', endpoint, bytes }, (result) => (result.op === 'judge' ? result.outcome : undefined)),
    maskRequest: (work) =>
      run({ op: 'mask-request', ...work }, (result) => (result.op === 'mask-request' ? withBuffer(result.outcome) : undefined)),
    maskAnswer: (work) =>
      run({ op: 'mask-answer', ...work }, (result) => (result.op === 'mask-answer' ? withBuffer(result.outcome) : undefined)),
    inspectRequest: (work) =>
      run({ op: 'inspect-request', ...work }, (result) => (result.op === 'inspect-request' ? result.outcome : undefined)),
    inspectAnswer: (work) =>
      run({ op: 'inspect-answer', ...work }, (result) => (result.op === 'inspect-answer' ? result.outcome : undefined)),
  };
}

const unasked = fault('body', 'invariant', 'an answer to another question');

const outcomeOf = <Found>(result: BodyResult | Faulted, read: (result: BodyResult) => Outcome<Found> | undefined): Outcome<Found> =>
  'op' in result ? (read(result) ?? unasked) : result;

/** Bytes that come from another thread are no `Buffer` any more. */
const withBuffer = <Found extends { readonly body: Uint8Array }>(outcome: Outcome<Found>): Outcome<Found & { readonly body: Buffer }> =>
  outcome.kind === 'next' ? next({ ...outcome.found, body: asBuffer(outcome.found.body) }) : outcome;
