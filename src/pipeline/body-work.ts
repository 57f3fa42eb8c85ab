import { never } from '../core/assert.ts';
import type { Endpoint } from '../core/operation.ts';
import type { InjectionRule } from '../core/injection.ts';
import { next, type Outcome } from '../core/outcome.ts';
import { answerWords } from '../policy/content/answer-words.ts';
import { judgeWords } from '../policy/content/judge-injection.ts';
import { requestWords } from '../policy/content/request-words.ts';
import { DEFAULT_BODY_LIMITS, judgeBody, type JudgedBody } from '../policy/llm/body.ts';
import type { BodyOperation } from '../policy/llm/fields.ts';
import { maskAnswer, type AnswerForm, type MaskedAnswer } from '../policy/masking/mask-answer.ts';
import { maskRequest, type MaskedRequest } from '../policy/masking/mask-request.ts';
import { planFor, planWithNames, type Masking } from '../policy/masking/masking.ts';
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
  /** Of persons, that were found in it. */
  readonly names: readonly string[];
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

export interface InspectRequestWork {
  readonly op: 'inspect-request';
  readonly operation: BodyOperation;
  readonly bytes: Uint8Array;
  readonly injection: InjectionRule | undefined;
}

export interface InspectAnswerWork {
  readonly op: 'inspect-answer';
  readonly operation: BodyOperation;
  readonly form: AnswerForm;
  readonly bytes: Uint8Array;
}

/** What a request says, and what the signals of injection make of it. */
export interface InspectedRequest {
  readonly texts: readonly string[];
  readonly prompt: string | undefined;
  /** Where a text is that no guard can be asked about; undefined = nowhere. */
  readonly unread: string | undefined;
  /** For the log. */
  readonly verdicts: readonly string[];
}

/** What is done with a whole body. Plain data: a large one is worked on in another thread. */
export type BodyWork = JudgeWork | MaskRequestWork | MaskAnswerWork | InspectRequestWork | InspectAnswerWork;

export type BodyResult =
  | { readonly op: 'judge'; readonly outcome: Outcome<JudgedBody> }
  | { readonly op: 'mask-request'; readonly outcome: Outcome<MaskedRequest> }
  | { readonly op: 'mask-answer'; readonly outcome: Outcome<MaskedAnswer> }
  | { readonly op: 'inspect-request'; readonly outcome: Outcome<InspectedRequest> }
  | { readonly op: 'inspect-answer'; readonly outcome: Outcome<readonly string[]> };

/** Does it where it is called. */
export function workOn(work: BodyWork): BodyResult {
  switch (work.op) {
    case 'judge':
      return { op: work.op, outcome: judge(work) };
    case 'mask-request':
      return { op: work.op, outcome: maskRequestHere(work) };
    case 'mask-answer':
      return { op: work.op, outcome: maskAnswerHere(work) };
    case 'inspect-request':
      return { op: work.op, outcome: inspectRequestHere(work) };
    case 'inspect-answer':
      return { op: work.op, outcome: inspectAnswerHere(work) };
    default:
      return never(work);
  }
}

const judge = ({ endpoint, bytes }: JudgeWork): Outcome<JudgedBody> => judgeBody(endpoint, bytes, DEFAULT_BODY_LIMITS);

const maskRequestHere = ({ operation, bytes, masking, names, key, holder }: MaskRequestWork): Outcome<MaskedRequest> =>
  maskRequest({ operation, bytes, plan: planWithNames(masking, names), placeholderOf: openPlaceholders(key, holder) });

const maskAnswerHere = ({ operation, form, bytes, masking, placeholders, said }: MaskAnswerWork): Outcome<MaskedAnswer> =>
  maskAnswer(operation, form, bytes, { plan: planFor(masking).response, placeholders, said });

function inspectRequestHere({ operation, bytes, injection }: InspectRequestWork): Outcome<InspectedRequest> {
  const { texts, prompt, unread } = requestWords(operation, bytes);
  const judged = injection === undefined ? next([]) : judgeWords(injection, texts);
  return judged.kind === 'next' ? next({ texts: texts.map(({ text }) => text), prompt, unread, verdicts: judged.found }) : judged;
}

const inspectAnswerHere = ({ operation, form, bytes }: InspectAnswerWork): Outcome<readonly string[]> =>
  form === 'json' ? answerWords(operation, bytes) : next([Buffer.from(bytes).toString('utf8')]);
