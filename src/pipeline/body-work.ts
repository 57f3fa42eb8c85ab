import { never } from '../core/assert.ts';
import type { Endpoint } from '../core/operation.ts';
import type { Outcome } from '../core/outcome.ts';
import { DEFAULT_BODY_LIMITS, judgeBody, type JudgedBody } from '../policy/llm/body.ts';
import type { BodyOperation } from '../policy/llm/fields.ts';
import { maskAnswer, type AnswerForm, type MaskedAnswer } from '../policy/masking/mask-answer.ts';
import { maskRequest, type MaskedRequest } from '../policy/masking/mask-request.ts';
import { planFor, type Masking } from '../policy/masking/masking.ts';
import { openPlaceholders } from '../policy/masking/placeholder.ts';

export interface JudgeWork {
  readonly op: 'judge';
  readonly endpoint: Endpoint;
  readonly bytes: Uint8Array;
}

export interface MaskRequestWork {
  readonly op: 'mask-request';
  readonly operation: BodyOperation;
  readonly bytes: Uint8Array;
  readonly masking: Masking;
  /** What placeholders are made under, and for whom. */
  readonly key: Uint8Array;
  readonly holder: string;
}

export interface MaskAnswerWork {
  readonly op: 'mask-answer';
  readonly operation: BodyOperation;
  readonly form: AnswerForm;
  readonly bytes: Uint8Array;
  readonly masking: Masking;
  readonly placeholders: ReadonlyMap<string, string>;
  readonly said: ReadonlySet<string>;
}

/** What is done with a whole body. Plain data: a large one is worked on in another thread. */
export type BodyWork = JudgeWork | MaskRequestWork | MaskAnswerWork;

export type BodyResult =
  | { readonly op: 'judge'; readonly outcome: Outcome<JudgedBody> }
  | { readonly op: 'mask-request'; readonly outcome: Outcome<MaskedRequest> }
  | { readonly op: 'mask-answer'; readonly outcome: Outcome<MaskedAnswer> };

/** Does it where it is called. */
export function workOn(work: BodyWork): BodyResult {
  switch (work.op) {
    case 'judge':
      return { op: work.op, outcome: judge(work) };
    case 'mask-request':
      return { op: work.op, outcome: maskRequestHere(work) };
    case 'mask-answer':
      return { op: work.op, outcome: maskAnswerHere(work) };
    default:
      return never(work);
  }
}

export const judge = ({ endpoint, bytes }: JudgeWork): Outcome<JudgedBody> => judgeBody(endpoint, bytes, DEFAULT_BODY_LIMITS);

export const maskRequestHere = ({ operation, bytes, masking, key, holder }: MaskRequestWork): Outcome<MaskedRequest> =>
  maskRequest({ operation, bytes, plan: planFor(masking), placeholderOf: openPlaceholders(key, holder) });

export const maskAnswerHere = ({ operation, form, bytes, masking, placeholders, said }: MaskAnswerWork): Outcome<MaskedAnswer> =>
  maskAnswer(operation, form, bytes, { plan: planFor(masking).response, placeholders, said });
