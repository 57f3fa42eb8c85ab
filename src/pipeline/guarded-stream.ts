import { Buffer } from 'node:buffer';
import { when, type Eventually } from '../core/eventually.ts';
import { andThen, type Denied, type Faulted } from '../core/outcome.ts';
import { StreamWords } from '../policy/content/stream-words.ts';
import { windowOf } from '../policy/guards/judge-stream.ts';
import type { NamedVerdict } from '../policy/guards/judge-answers.ts';
import type { GuardRule } from '../policy/guards/tables.ts';
import { worstVerdicts } from '../policy/guards/worst-verdicts.ts';
import type { BodyOperation } from '../policy/llm/fields.ts';
import { errorEventOf } from '../policy/masking/error-event.ts';
import { tooLong } from './answer-facts.ts';
import { askGuards, type GuardPorts } from './ask-guards.ts';

const nothing = Buffer.alloc(0);

/** What is made of a stream, on its way out. */
export interface MadePiece {
  /** Whole events; what they say has been read. */
  readonly bytes: Buffer;
  /** The highest number of an event in it or before it; 0 where events have none. */
  readonly number: number;
  /** Nothing goes out behind it. */
  readonly isLast: boolean;
}

/**
 * Holds a stream back until its guards have cleared what it says: each time a window of it has come, or once, when it is whole. What has
 * gone out was in a question that every guard cleared, or that it may be away for. State of one exchange.
 */
export class GuardedStream {
  readonly #ports: GuardPorts;
  readonly #guards: readonly GuardRule[];
  readonly #operation: BodyOperation;
  readonly #prompt: string | undefined;
  readonly #window: number;
  readonly #words: StreamWords;
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Of the last event that has gone out. */
  #number = 0;
  #isOver = false;
  #verdicts: readonly NamedVerdict[] = [];
  #refusal: Denied | Faulted | undefined;

  constructor(ports: GuardPorts, guards: readonly GuardRule[], answer: { operation: BodyOperation; prompt: string | undefined }) {
    this.#ports = ports;
    this.#guards = guards;
    this.#operation = answer.operation;
    this.#prompt = answer.prompt;
    this.#window = windowOf(guards);
    this.#words = new StreamWords(answer.operation, this.#window);
  }

  /** Of each guard one for all that it was asked, its worst; none where the stream was refused: the refusal says why. */
  get verdicts(): readonly NamedVerdict[] {
    return this.#refusal === undefined ? this.#verdicts : [];
  }

  /** Why the stream was ended with an error event. */
  get refusal(): Denied | Faulted | undefined {
    return this.#refusal;
  }

  /** Nothing of what comes from now on goes out. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Reads what comes, before anything is made of it. */
  read(bytes: Uint8Array): void {
    this.#words.push(bytes);
  }

  /** All has come: the last event may lack its blank line. */
  end(): void {
    this.#words.end();
  }

  /** What goes out, now that this has been made of what was read. */
  pass({ bytes, number, isLast }: MadePiece): Eventually<Buffer> {
    if (bytes.length > 0) {
      this.#held.push(bytes);
      this.#heldBytes += bytes.length;
    }
    const keptBytes = this.#heldBytes + this.#words.kept;
    if (keptBytes > this.#ports.settings().bodyBytesMax) {
      return this.refuse(tooLong(keptBytes));
    }
    this.#isOver = isLast;
    if (this.#mustAsk(isLast)) {
      return this.#ask(number);
    }
    // All that these events say was in a question before; one without windows comes whole or not at all.
    return this.#words.unasked === 0 && Number.isFinite(this.#window) ? this.#release(number) : nothing;
  }

  /** The head has gone out by now, so a refusal is an event, the last one. Nothing passes of what is held. */
  refuse(refusal: Denied | Faulted): Buffer {
    this.#isOver = true;
    this.#held = [];
    this.#refusal = refusal;
    return errorEventOf(this.#operation, refusal, this.#number + 1);
  }

  #mustAsk(isLast: boolean): boolean {
    const { unasked, isReadable } = this.#words;
    return !isReadable || unasked >= this.#window || (isLast && (unasked > 0 || this.#verdicts.length === 0));
  }

  #ask(number: number): Eventually<Buffer> {
    const judged = andThen(this.#words.take(), (texts) =>
      askGuards(this.#ports, this.#guards, { direction: 'response', texts, prompt: this.#prompt }),
    );
    return when(judged, (outcome) => {
      if (outcome.kind !== 'next') {
        return this.refuse(outcome);
      }
      this.#verdicts = worstVerdicts(this.#verdicts, outcome.found);
      return this.#release(number);
    });
  }

  #release(number: number): Buffer {
    const released = Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    this.#number = number;
    return released;
  }
}
