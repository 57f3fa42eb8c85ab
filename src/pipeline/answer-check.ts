import { Buffer } from 'node:buffer';
import { when, type Eventually } from '../core/eventually.ts';
import { andThen, deny, next, type Denied, type Faulted, type Outcome } from '../core/outcome.ts';
import { describeVerdicts } from '../policy/guards/judge-answers.ts';
import type { GuardRule } from '../policy/guards/tables.ts';
import { judgeForm, type AnswerForm } from '../policy/masking/mask-answer.ts';
import { tooLong, type AnswerFacts, type AnswerFindings } from './answer-facts.ts';
import { CheckedStream } from './checked-stream.ts';
import { askGuards } from './ask-guards.ts';
import type { Ports } from './ports.ts';

/** What the head of an answer tells. */
export interface AnswerBodyHead {
  readonly status: number;
  readonly contentType: string;
  readonly contentEncoding: string;
  /** Infinity where the answer does not say. */
  readonly contentLength: number;
}

/** How an answer's body must come: as it comes, or whole. */
export type AnswerMode = 'events' | 'whole';

/** An answer with an error has nothing that a model said. */
const errorStatusMin = 400;

/** What of an answer is hidden, what is brought back in it, and whether it may pass at all. State of one exchange. */
export class AnswerCheck {
  readonly #ports: Ports;
  readonly #facts: AnswerFacts;
  #form: AnswerForm = 'json';
  #guards: readonly GuardRule[] = [];
  #stream: CheckedStream | undefined;
  #found: AnswerFindings = { counts: new Map(), unknownPlaceholders: 0, verdicts: [], refusal: undefined };

  constructor(ports: Ports, facts: AnswerFacts) {
    this.#ports = ports;
    this.#facts = facts;
  }

  /** Where answers are neither searched nor judged, and nothing was hidden, they are none of ours. */
  static isNeeded({ masked, guards }: AnswerFacts): boolean {
    return guards.length > 0 || (masked !== undefined && (masked.masking.rule.response !== undefined || masked.placeholders.size > 0));
  }

  get findings(): AnswerFindings {
    return this.#stream?.findings ?? this.#found;
  }

  head({ status, contentType, contentEncoding, contentLength }: AnswerBodyHead): Outcome<AnswerMode> {
    // None was asked for.
    if (contentEncoding !== '' && contentEncoding.toLowerCase() !== 'identity') {
      return deny('answer_unreadable', `content-encoding ${contentEncoding}`);
    }
    // Other bytes for the same letters, in which nothing would be found.
    const [, charset = 'utf-8'] = /;\s*charset="?([^\s";]*)/iu.exec(contentType) ?? [];
    if (!/^(?:utf-?8|us-ascii)$/iu.test(charset)) {
      return deny('answer_unreadable', `charset ${charset}`);
    }
    this.#guards = status < errorStatusMin ? this.#facts.guards : [];
    if (/^text\/event-stream\b/iu.test(contentType)) {
      this.#stream = new CheckedStream(this.#ports, this.#facts, this.#guards);
      return next('events');
    }
    if (Number.isFinite(contentLength) && contentLength > this.#ports.settings().bodyBytesMax) {
      return tooLong(contentLength);
    }
    this.#form = /[/+]json\b/iu.test(contentType) ? 'json' : 'text';
    return next('whole');
  }

  /** A piece of a stream, or the whole of any other answer; what the client gets in its place. */
  piece(bytes: Uint8Array, isLast: boolean): Eventually<Outcome<Buffer>> {
    return this.#stream === undefined ? this.#whole(bytes) : when(this.#stream.piece(bytes, isLast), next);
  }

  /** The event that ends a stream whose check went wrong; undefined where the answer is no stream, so that it can be refused whole. */
  refuse(refusal: Denied | Faulted): Buffer | undefined {
    return this.#stream?.refuse(refusal);
  }

  /** Guards are asked about it while it is masked. */
  #whole(bytes: Uint8Array): Eventually<Outcome<Buffer>> {
    const { operation, masked, prompt } = this.#facts;
    const form = this.#form;
    const readable = judgeForm(form, bytes);
    if (readable.kind !== 'next') {
      return readable;
    }
    const judged =
      this.#guards.length === 0
        ? next([])
        : andThen(this.#ports.inspectAnswer({ operation, form, bytes }), (texts) =>
            askGuards(this.#ports, this.#guards, { direction: 'response', texts, prompt }),
          );
    if (masked === undefined) {
      return andThen(judged, (verdicts) => this.#done(Buffer.from(bytes), { ...this.#found, verdicts: describeVerdicts(verdicts) }));
    }
    const { masking, placeholders, said } = masked;
    return andThen(this.#ports.maskAnswer({ operation, form, bytes, masking, placeholders, said }), (found) =>
      andThen(judged, (verdicts) => this.#done(found.body, { ...found, verdicts: describeVerdicts(verdicts), refusal: undefined })),
    );
  }

  #done(body: Buffer, findings: AnswerFindings): Outcome<Buffer> {
    this.#found = findings;
    return next(body);
  }
}
