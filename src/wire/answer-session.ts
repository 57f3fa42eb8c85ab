import { Buffer } from 'node:buffer';
import { ANSWER_FAULT_ROW } from '../core/denials.ts';
import { when, type Eventually } from '../core/eventually.ts';
import { METADATA } from '../core/headers.ts';
import { deny, fault, type Denied, type Faulted, type Outcome } from '../core/outcome.ts';
import type { AnswerCheck } from '../pipeline/answer-check.ts';
import type { Metering } from '../pipeline/metering.ts';
import type { Ports } from '../pipeline/ports.ts';
import { runStage } from '../pipeline/run-stage.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { EXT_PROC_ATTRIBUTES } from './decode.ts';
import { decodeResponse, type ResponseView } from './decode-response.ts';
import type { ExchangeLog } from './exchange-log.ts';
import type { HttpBodyMessage, HttpHeadersMessage, ProcessingRequestMessage } from './messages.ts';
import {
  bufferResponseHeaders,
  editResponseHeaders,
  passResponseBody,
  passResponseHeaders,
  passResponseWhole,
  replaceResponseBody,
  replaceResponseWhole,
} from './pass.ts';
import { refusalOf, refuseProcessing, type Asked, type Refusal } from './refusal.ts';
import type { Reply } from './reply.ts';

/** An answer whose declared length is below this comes as one message instead of two; larger or undeclared ones are streamed. */
const bufferedAnswerBytesMax = 262_144;

/**
 * How many stages a piece of an answer may take: a guard has all of one for its verdict, and that it gave none must still be told in the
 * answer. Envoy's own timeout is 1.25.
 */
const answerStages = 1.1;

/** What is below is no answer: of all that Envoy shows only a switch of protocols (RFC 9110 section 15.2.2), which nobody asks for. */
const finalStatusMin = 200;

const nothing = Buffer.alloc(0);

/** Both official clients would send it again, and it would be charged again. */
const neverRetry = ['x-should-retry', 'false'] as const;

export interface AnsweredExchange {
  readonly ports: Ports;
  readonly telemetry: Telemetry;
  readonly log: ExchangeLog;
  readonly asked: Asked;
  /** Undefined where nothing was held. */
  readonly metering: Metering | undefined;
  /** Undefined where the answer is neither searched nor judged. */
  readonly check: AnswerCheck | undefined;
}

type State = 'awaited' | 'passing' | 'over';

/** The answer of one exchange on its way to the client: its head, then its body, as an explicit state machine. */
export class AnswerSession {
  readonly #exchange: AnsweredExchange;
  #state: State = 'awaited';
  /** What the client gets is what the check makes of it. */
  #check: AnswerCheck | undefined;
  #streamed = true;

  constructor(exchange: AnsweredExchange) {
    this.#exchange = exchange;
  }

  /** True once its end was seen, or it was refused. */
  get isOver(): boolean {
    return this.#state === 'over';
  }

  /** Answers one message. Never throws. */
  handle(message: ProcessingRequestMessage): Eventually<Reply> {
    const { response_headers: headers, response_body: body } = message;
    if (headers !== undefined && this.#state === 'awaited') {
      return this.#onHeaders(message, headers);
    }
    if (body !== undefined && this.#state === 'passing') {
      return this.#onBody(body);
    }
    return this.#refuse(fault('protocol', 'protocol', `${message.request ?? 'nothing'} while the answer is ${this.#state}`));
  }

  /** The exchange is over, for whatever reason. */
  close(): void {
    const { telemetry, log, metering, ports } = this.#exchange;
    if (this.#state === 'awaited') {
      telemetry.responseUnseen();
    }
    if (this.#state === 'passing' && this.#check !== undefined) {
      log.answerInspected(this.#check.findings);
    }
    // Of an answer that came to its end this changes nothing.
    metering?.lost(ports.clock());
  }

  #onHeaders(message: ProcessingRequestMessage, headers: HttpHeadersMessage): Reply {
    const { log, metering, ports, check } = this.#exchange;
    const noted = message.metadata_context?.filter_metadata?.[METADATA.attempts];
    const seen = decodeResponse(headers, message.attributes?.[EXT_PROC_ATTRIBUTES], noted);
    log.provider = seen.provider;
    log.attempts = seen.attempts;
    log.status = seen.status;
    metering?.head(seen, ports.clock());
    const refused = this.#refuseHead(seen);
    if (refused !== undefined) {
      return refused;
    }
    this.#state = seen.endOfStream ? 'over' : 'passing';
    return check === undefined || seen.provider === undefined || seen.endOfStream ? this.#passHead(seen) : this.#checkFrom(check, seen);
  }

  /** What is passed on of no provider, whether answers are searched or not. */
  #refuseHead({ provider, status }: ResponseView): Reply | undefined {
    if (provider === undefined) {
      return undefined;
    }
    if (status === 401 || status === 403) {
      return this.#credentialRejected(provider, status);
    }
    return status < finalStatusMin ? this.#refuse(deny('answer_unreadable', `status ${String(status)}`)) : undefined;
  }

  #passHead(seen: ResponseView): Reply {
    const { metering, ports } = this.#exchange;
    // The listener's buffer is as large as the largest request body; an answer that does not fit would be a 500.
    const edits = metering?.edits === true;
    this.#streamed = edits || seen.contentLength > Math.min(bufferedAnswerBytesMax, ports.settings().bodyBytesMax);
    return { message: edits ? editResponseHeaders() : passResponseHeaders(this.#streamed), last: seen.endOfStream };
  }

  /** From here on the client gets what the check makes of the answer. */
  #checkFrom(check: AnswerCheck, seen: ResponseView): Reply {
    this.#check = check;
    const mode = check.head(seen);
    if (mode.kind !== 'next') {
      return this.#refuse(mode);
    }
    this.#streamed = mode.found === 'events';
    return { message: this.#streamed ? editResponseHeaders() : bufferResponseHeaders(), last: false };
  }

  /** It is our key that was refused: the client cannot mend it, and the provider's words may quote the key. */
  #credentialRejected(provider: string, status: number): Reply {
    const { telemetry, ports, log, asked } = this.#exchange;
    telemetry.credentialRejected(provider, status);
    // A 403 may be about the request (flagged words, a region): no caller may take a key out of use by provoking one.
    if (status === 401) {
      ports.credentials.reject(provider);
    }
    const refusal = refusalOf(deny('provider_credential_rejected', provider), asked);
    log.status = refusal.status;
    log.code = refusal.code;
    return this.#end(refusal);
  }

  #onBody(body: HttpBodyMessage): Eventually<Reply> {
    const { log, metering, ports } = this.#exchange;
    const bytes = body.body ?? nothing;
    log.responseBytes += bytes.length;
    const over = body.end_of_stream;
    const replaced = metering?.piece(bytes, over, ports.clock());
    const check = this.#check;
    if (check !== undefined) {
      const waitMs = ports.settings().stageMsMax * answerStages;
      const checked = runStage('answer', ports.clock, waitMs, () => check.piece(replaced ?? bytes, over));
      return when(checked, (known) => this.#passChecked(check, known, over));
    }
    if (over) {
      this.#state = 'over';
    }
    if (replaced !== undefined) {
      return { message: replaceResponseBody(replaced), last: over };
    }
    return { message: this.#streamed || !over ? passResponseBody() : passResponseWhole(log.responseBytes), last: over };
  }

  #passChecked(check: AnswerCheck, outcome: Outcome<Buffer>, over: boolean): Reply {
    if (outcome.kind !== 'next') {
      // The head of a stream has gone out: a refusal of Envoy's would be a reset connection, which says nothing.
      const event = check.refuse(outcome);
      return event === undefined ? this.#refuse(outcome) : this.#replaceBody(check, event, over);
    }
    return this.#replaceBody(check, outcome.found, over);
  }

  #replaceBody(check: AnswerCheck, passed: Buffer, over: boolean): Reply {
    if (over) {
      // Not before: until its guards have judged it, an answer that is broken off is not complete.
      this.#state = 'over';
      this.#exchange.log.answerInspected(check.findings);
    }
    return { message: this.#streamed ? replaceResponseBody(passed) : replaceResponseWhole(passed), last: over };
  }

  /** The provider has answered, and was paid; the client does not get what could not be checked. */
  #refuse(outcome: Denied | Faulted): Reply {
    const { log, asked } = this.#exchange;
    const refusal = refusalOf(outcome, asked, ANSWER_FAULT_ROW);
    log.answerRefused(outcome, refusal.status, refusal.code);
    return this.#end({ ...refusal, headers: [...refusal.headers, neverRetry] });
  }

  #end(refusal: Refusal): Reply {
    this.#state = 'over';
    return { message: refuseProcessing(refusal), last: true };
  }
}
