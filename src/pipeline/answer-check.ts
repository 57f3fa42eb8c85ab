import { Buffer } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';
import type { Eventually } from '../core/eventually.ts';
import { andThen, deny, next, type Denied, type Faulted, type Outcome } from '../core/outcome.ts';
import { openStreamWords, type StreamWords } from '../policy/content/answer-words.ts';
import type { GuardRule } from '../policy/guards/tables.ts';
import type { BodyOperation } from '../policy/llm/fields.ts';
import { errorEventOf } from '../policy/masking/error-event.ts';
import type { AnswerForm } from '../policy/masking/mask-answer.ts';
import { MaskedStream } from '../policy/masking/mask-events.ts';
import { planFor } from '../policy/masking/masking.ts';
import { guardAnswer } from './guard-answer.ts';
import type { MaskedContent } from './mask-content.ts';
import type { Ports } from './ports.ts';

/** What is to be done with an answer. */
export interface AnswerFacts {
  readonly operation: BodyOperation;
  /** Undefined where nothing is masked for the caller. */
  readonly masked: MaskedContent | undefined;
  readonly guards: readonly GuardRule[];
  /** What it is an answer to, for guards. */
  readonly prompt: string | undefined;
}

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

/** Of one exchange, for its log. */
export interface AnswerFindings {
  readonly counts: ReadonlyMap<string, number>;
  readonly unknownPlaceholders: number;
  readonly verdicts: readonly string[];
  /** Why a stream was ended with an error event. */
  readonly refusal: Denied | Faulted | undefined;
}

/** Of a stream, searched without a pause: a few milliseconds. */
const pieceBytesMax = 32_768;

/** An answer with an error has nothing that a model said. */
const errorStatusMin = 400;

/** What of an answer is hidden, what is brought back in it, and whether it may pass at all. State of one exchange. */
export class AnswerCheck {
  readonly #ports: Ports;
  readonly #facts: AnswerFacts;
  #form: AnswerForm = 'json';
  #guards: readonly GuardRule[] = [];
  #stream: MaskedStream | undefined;
  #words: StreamWords | undefined;
  /** Of a stream that its guards judge as a whole. */
  #held: Buffer[] = [];
  #heldBytes = 0;
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
    const { counts, unknownPlaceholders, refusal } = this.#stream ?? this.#found;
    return { counts, unknownPlaceholders, verdicts: this.#found.verdicts, refusal: this.#found.refusal ?? refusal };
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
      this.#openStream();
      return next('events');
    }
    if (Number.isFinite(contentLength) && contentLength > this.#ports.settings().bodyBytesMax) {
      return tooLong(contentLength);
    }
    this.#form = /[/+]json\b/iu.test(contentType) ? 'json' : 'text';
    return next('whole');
  }

  #openStream(): void {
    const { operation, masked } = this.#facts;
    this.#stream = new MaskedStream(operation, {
      plan: masked === undefined ? undefined : planFor(masked.masking).response,
      placeholders: masked?.placeholders ?? new Map<string, string>(),
      said: masked?.said ?? new Set<string>(),
    });
    this.#words = this.#guards.length === 0 ? undefined : openStreamWords(operation);
  }

  /** A piece of a stream, or the whole of any other answer; what the client gets in its place. */
  piece(bytes: Uint8Array, isLast: boolean): Eventually<Outcome<Buffer>> {
    if (this.#stream === undefined) {
      return this.#whole(bytes);
    }
    const { length } = bytes;
    return length <= pieceBytesMax ? this.#pass(this.#stream, bytes, bytes, isLast) : this.#inTurns(this.#stream, bytes, isLast);
  }

  /** What comes at once and is large is searched in several turns: others are waiting. It is the same however it is cut. */
  async #inTurns(stream: MaskedStream, bytes: Uint8Array, isLast: boolean): Promise<Outcome<Buffer>> {
    const before: Buffer[] = [];
    let at = 0;
    for (; bytes.length - at > pieceBytesMax; at += pieceBytesMax) {
      before.push(stream.push(bytes.subarray(at, at + pieceBytesMax)));
      await setImmediate();
    }
    return this.#pass(stream, bytes, bytes.subarray(at), isLast, before);
  }

  /** `rest`: what of the piece was not searched yet; `before` is what became of all before it. */
  #pass(
    stream: MaskedStream,
    bytes: Uint8Array,
    rest: Uint8Array,
    isLast: boolean,
    before: readonly Buffer[] = [],
  ): Eventually<Outcome<Buffer>> {
    const pushed = stream.push(rest);
    const passed = before.length === 0 && !isLast ? pushed : Buffer.concat([...before, pushed, ...(isLast ? [stream.end()] : [])]);
    return this.#words === undefined ? next(passed) : this.#hold(this.#words, bytes, passed, isLast);
  }

  #whole(bytes: Uint8Array): Eventually<Outcome<Buffer>> {
    const { operation, masked, prompt } = this.#facts;
    const form = this.#form;
    const judged =
      this.#guards.length === 0
        ? next([])
        : andThen(this.#ports.inspectAnswer({ operation, form, bytes }), (texts) => guardAnswer(this.#ports, this.#guards, texts, prompt));
    if (masked === undefined) {
      return andThen(judged, (verdicts) => this.#done(Buffer.from(bytes), { ...this.#found, verdicts }));
    }
    const { masking, placeholders, said } = masked;
    return andThen(this.#ports.maskAnswer({ operation, form, bytes, masking, placeholders, said }), (found) =>
      andThen(judged, (verdicts) => this.#done(found.body, { ...found, verdicts, refusal: undefined })),
    );
  }

  #done(body: Buffer, findings: AnswerFindings): Outcome<Buffer> {
    this.#found = findings;
    return next(body);
  }

  /** Nothing passes before its guards have seen all of it. */
  #hold(words: StreamWords, bytes: Uint8Array, passed: Buffer, isLast: boolean): Eventually<Outcome<Buffer>> {
    this.#heldBytes += passed.length;
    if (this.#heldBytes > this.#ports.settings().bodyBytesMax) {
      return tooLong(this.#heldBytes);
    }
    words.push(bytes);
    this.#held.push(passed);
    if (!isLast) {
      return next(Buffer.alloc(0));
    }
    const { operation, prompt } = this.#facts;
    const judged = andThen(words.end(), (texts) => guardAnswer(this.#ports, this.#guards, texts, prompt));
    return judged instanceof Promise ? judged.then((outcome) => this.#release(operation, outcome)) : this.#release(operation, judged);
  }

  /** The head has gone out by now, so a refusal is an event. */
  #release(operation: BodyOperation, outcome: Outcome<readonly string[]>): Outcome<Buffer> {
    if (outcome.kind === 'next') {
      return this.#done(Buffer.concat(this.#held), { ...this.#found, verdicts: outcome.found });
    }
    return this.#done(errorEventOf(operation, outcome, 0), { ...this.#found, refusal: outcome });
  }
}

const tooLong = (bytes: number): Denied => deny('answer_unreadable', `${String(bytes)} bytes`, 'It is longer than edge.bodyMax.');
