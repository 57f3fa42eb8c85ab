import { Buffer } from 'node:buffer';
import { never } from '../core/assert.ts';
import { when, type Eventually } from '../core/eventually.ts';
import { deny, next, type Denied, type Outcome } from '../core/outcome.ts';
import type { BodyOperation } from '../policy/llm/fields.ts';
import type { AnswerForm } from '../policy/masking/mask-answer.ts';
import { MaskedStream } from '../policy/masking/mask-events.ts';
import { planFor } from '../policy/masking/masking.ts';
import type { MaskedContent } from './mask-content.ts';
import type { Ports } from './ports.ts';

/** What the head of an answer tells. */
export interface AnswerBodyHead {
  readonly contentType: string;
  readonly contentEncoding: string;
  /** Infinity where the answer does not say. */
  readonly contentLength: number;
}

/** How an answer's body must come: as it comes, or whole. */
export type AnswerMode = 'events' | 'whole';

/** Of one exchange, for its log. */
export interface AnswerFindings {
  readonly counts: ReadonlyMap<string, number>;
  readonly unknownPlaceholders: number;
}

/** What of an answer is hidden, and what is brought back in it. State of one exchange. */
export class AnswerMasking {
  readonly #ports: Pick<Ports, 'maskAnswer' | 'settings'>;
  readonly #content: MaskedContent;
  readonly #operation: BodyOperation;
  #form: AnswerForm = 'json';
  #stream: MaskedStream | undefined;
  #found: AnswerFindings = { counts: new Map(), unknownPlaceholders: 0 };

  constructor(ports: Pick<Ports, 'maskAnswer' | 'settings'>, operation: BodyOperation, content: MaskedContent) {
    this.#ports = ports;
    this.#operation = operation;
    this.#content = content;
  }

  /** Where answers are not searched and nothing was hidden, they are none of ours. */
  static isNeeded({ masking, placeholders }: MaskedContent): boolean {
    return masking.rule.response !== undefined || placeholders.size > 0;
  }

  get findings(): AnswerFindings {
    return this.#stream ?? this.#found;
  }

  /** Why a stream was ended with an error event. */
  get refusal(): Denied | undefined {
    return this.#stream?.refusal;
  }

  head({ contentType, contentEncoding, contentLength }: AnswerBodyHead): Outcome<AnswerMode> {
    // None was asked for.
    if (contentEncoding !== '' && contentEncoding.toLowerCase() !== 'identity') {
      return deny('answer_unreadable', `content-encoding ${contentEncoding}`);
    }
    if (/^text\/event-stream\b/iu.test(contentType)) {
      const { masking, placeholders, said } = this.#content;
      this.#stream = new MaskedStream(this.#operation, { plan: planFor(masking).response, placeholders, said });
      return next('events');
    }
    const { bodyBytesMax } = this.#ports.settings();
    if (Number.isFinite(contentLength) && contentLength > bodyBytesMax) {
      return deny('answer_unreadable', `${String(contentLength)} bytes`, 'It is longer than edge.bodyMax.');
    }
    this.#form = /[/+]json\b/iu.test(contentType) ? 'json' : 'text';
    return next('whole');
  }

  /** A piece of a stream, or the whole of any other answer; what the client gets in its place. */
  piece(bytes: Uint8Array, isLast: boolean): Eventually<Outcome<Buffer>> {
    if (this.#stream !== undefined) {
      const passed = this.#stream.push(bytes);
      return next(isLast ? Buffer.concat([passed, this.#stream.end()]) : passed);
    }
    const { masking, placeholders, said } = this.#content;
    const work = { operation: this.#operation, form: this.#form, bytes, masking, placeholders, said };
    return when(this.#ports.maskAnswer(work), (outcome) => {
      switch (outcome.kind) {
        case 'next':
          this.#found = outcome.found;
          return next(outcome.found.body);
        case 'deny':
        case 'fault':
          return outcome;
        default:
          return never(outcome);
      }
    });
  }
}
