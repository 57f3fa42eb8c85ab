import { Buffer } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';
import { when, type Eventually } from '../core/eventually.ts';
import type { Denied, Faulted } from '../core/outcome.ts';
import { describeVerdicts } from '../policy/guards/judge-answers.ts';
import type { GuardRule } from '../policy/guards/tables.ts';
import { errorEventOf } from '../policy/masking/error-event.ts';
import { MaskedStream } from '../policy/masking/mask-events.ts';
import { planFor } from '../policy/masking/masking.ts';
import type { AnswerFacts, AnswerFindings } from './answer-facts.ts';
import type { GuardPorts } from './ask-guards.ts';
import { GuardedStream } from './guarded-stream.ts';

/** Read and searched without a pause: a few milliseconds. */
const pieceBytesMax = 16_384;
const nothing = Buffer.alloc(0);

/** A streamed answer: searched piece by piece; held back where guards judge it. State of one exchange. */
export class CheckedStream {
  readonly #facts: AnswerFacts;
  readonly #stream: MaskedStream;
  /** Undefined where no guard asks. */
  readonly #guarded: GuardedStream | undefined;
  #refusal: Denied | Faulted | undefined;

  constructor(ports: GuardPorts, facts: AnswerFacts, guards: readonly GuardRule[]) {
    const { operation, masked } = facts;
    this.#facts = facts;
    this.#stream = new MaskedStream(operation, {
      plan: masked === undefined ? undefined : planFor(masked.masking).response,
      placeholders: masked?.placeholders ?? new Map<string, string>(),
      said: masked?.said ?? new Set<string>(),
    });
    this.#guarded = guards.length === 0 ? undefined : new GuardedStream(ports, guards, facts);
  }

  get findings(): AnswerFindings {
    const { counts, unknownPlaceholders, refusal } = this.#stream;
    const verdicts = describeVerdicts(this.#guarded?.verdicts ?? []);
    return { counts, unknownPlaceholders, verdicts, refusal: this.#refusal ?? this.#guarded?.refusal ?? refusal };
  }

  /** What the client gets in the place of a piece. */
  piece(bytes: Uint8Array, isLast: boolean): Eventually<Buffer> {
    if (this.#refusal !== undefined || this.#guarded?.isOver === true) {
      return nothing;
    }
    return when(bytes.length <= pieceBytesMax ? this.#push(bytes) : this.#pushInTurns(bytes), (passed) => {
      const made = isLast ? Buffer.concat([passed, this.#end()]) : passed;
      const { lastNumber: number, refusal } = this.#stream;
      return this.#guarded?.pass({ bytes: made, number, isLast: isLast || refusal !== undefined }) ?? made;
    });
  }

  /** Ends the stream for a reason that lies outside of it. Returns the event that tells the client. */
  refuse(refusal: Denied | Faulted): Buffer {
    this.#refusal = refusal;
    return this.#guarded?.refuse(refusal) ?? errorEventOf(this.#facts.operation, refusal, this.#stream.lastNumber + 1);
  }

  #push(bytes: Uint8Array): Buffer {
    this.#guarded?.read(bytes);
    return this.#stream.push(bytes);
  }

  #end(): Buffer {
    this.#guarded?.end();
    return this.#stream.end();
  }

  /** What comes at once and is large is read and searched in several turns: others are waiting. It is the same however it is cut. */
  async #pushInTurns(bytes: Uint8Array): Promise<Buffer> {
    const passed: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += pieceBytesMax) {
      passed.push(this.#push(bytes.subarray(at, at + pieceBytesMax)));
      await setImmediate();
    }
    return Buffer.concat(passed);
  }
}
