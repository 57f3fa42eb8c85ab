import { Buffer } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';
import { when, type Eventually } from '../core/eventually.ts';
import { andThen, next, type Denied, type Faulted, type Outcome } from '../core/outcome.ts';
import { openStreamWords, type StreamWords } from '../policy/content/answer-words.ts';
import type { GuardRule } from '../policy/guards/tables.ts';
import { errorEventOf } from '../policy/masking/error-event.ts';
import { MaskedStream } from '../policy/masking/mask-events.ts';
import { planFor } from '../policy/masking/masking.ts';
import { tooLong, type AnswerFacts, type AnswerFindings } from './answer-facts.ts';
import { askGuards } from './ask-guards.ts';
import type { Ports } from './ports.ts';

/** Searched without a pause: a few milliseconds. */
const pieceBytesMax = 32_768;
const nothing = Buffer.alloc(0);

/** A streamed answer: searched piece by piece; held back until it is whole where guards judge it. State of one exchange. */
export class CheckedStream {
  readonly #ports: Ports;
  readonly #facts: AnswerFacts;
  readonly #guards: readonly GuardRule[];
  readonly #stream: MaskedStream;
  /** What its guards are told; undefined where none asks. */
  readonly #words: StreamWords | undefined;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #verdicts: readonly string[] = [];
  #refusal: Denied | Faulted | undefined;

  constructor(ports: Ports, facts: AnswerFacts, guards: readonly GuardRule[]) {
    const { operation, masked } = facts;
    this.#ports = ports;
    this.#facts = facts;
    this.#guards = guards;
    this.#stream = new MaskedStream(operation, {
      plan: masked === undefined ? undefined : planFor(masked.masking).response,
      placeholders: masked?.placeholders ?? new Map<string, string>(),
      said: masked?.said ?? new Set<string>(),
    });
    this.#words = guards.length === 0 ? undefined : openStreamWords(operation);
  }

  get findings(): AnswerFindings {
    const { counts, unknownPlaceholders, refusal } = this.#stream;
    return { counts, unknownPlaceholders, verdicts: this.#verdicts, refusal: this.#refusal ?? refusal };
  }

  /** What the client gets in the place of a piece. */
  piece(bytes: Uint8Array, isLast: boolean): Eventually<Outcome<Buffer>> {
    this.#words?.push(bytes);
    const pushed = bytes.length <= pieceBytesMax ? this.#stream.push(bytes) : this.#pushInTurns(bytes);
    return when(pushed, (passed) => {
      const all = isLast ? Buffer.concat([passed, this.#stream.end()]) : passed;
      return this.#words === undefined ? next(all) : this.#hold(this.#words, all, isLast);
    });
  }

  /** What comes at once and is large is searched in several turns: others are waiting. It is the same however it is cut. */
  async #pushInTurns(bytes: Uint8Array): Promise<Buffer> {
    const passed: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += pieceBytesMax) {
      passed.push(this.#stream.push(bytes.subarray(at, at + pieceBytesMax)));
      await setImmediate();
    }
    return Buffer.concat(passed);
  }

  /** Nothing passes before its guards have seen all of it. */
  #hold(words: StreamWords, passed: Buffer, isLast: boolean): Eventually<Outcome<Buffer>> {
    this.#heldBytes += passed.length;
    if (this.#heldBytes > this.#ports.settings().bodyBytesMax) {
      return tooLong(this.#heldBytes);
    }
    this.#held.push(passed);
    if (!isLast) {
      return next(nothing);
    }
    const judged = andThen(words.end(), (texts) =>
      askGuards(this.#ports, this.#guards, { direction: 'response', texts, prompt: this.#facts.prompt }),
    );
    return when(judged, (outcome) => next(this.#release(outcome)));
  }

  /** The head has gone out by now, so a refusal is an event. */
  #release(outcome: Outcome<readonly string[]>): Buffer {
    const held = Buffer.concat(this.#held);
    this.#held = [];
    if (outcome.kind !== 'next') {
      this.#refusal = outcome;
      return errorEventOf(this.#facts.operation, outcome, 0);
    }
    this.#verdicts = outcome.found;
    return held;
  }
}
