import { deny, type Denied, type Faulted } from '../core/outcome.ts';
import type { GuardRule } from '../policy/guards/tables.ts';
import type { BodyOperation } from '../policy/llm/fields.ts';
import type { MaskedContent } from './mask-content.ts';

/** What is to be done with an answer. */
export interface AnswerFacts {
  readonly operation: BodyOperation;
  /** Undefined where nothing is masked for the caller. */
  readonly masked: MaskedContent | undefined;
  readonly guards: readonly GuardRule[];
  /** What it is an answer to, for guards. */
  readonly prompt: string | undefined;
}

/** Of one exchange, for its log. */
export interface AnswerFindings {
  readonly counts: ReadonlyMap<string, number>;
  readonly unknownPlaceholders: number;
  readonly verdicts: readonly string[];
  /** Why a stream was ended with an error event. */
  readonly refusal: Denied | Faulted | undefined;
}

/** What must be whole before any of it passes is held in memory, up to the size of a body. */
export const tooLong = (bytes: number): Denied => deny('answer_unreadable', `${String(bytes)} bytes`, 'It is longer than edge.bodyMax.');
