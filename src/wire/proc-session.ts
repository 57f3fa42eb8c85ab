import type { Caller } from '../core/caller.ts';
import { when, type Eventually } from '../core/eventually.ts';
import { ANSWER_FAULT_ROW } from '../core/denials.ts';
import { METADATA } from '../core/headers.ts';
import { andThen, deny, fault, next, type Denied, type Faulted, type Outcome } from '../core/outcome.ts';
import type { RequestView } from '../core/request.ts';
import { AnswerCheck } from '../pipeline/answer-check.ts';
import { decide, type Decision } from '../pipeline/decide.ts';
import { clientAddress, identifyCaller } from '../pipeline/identify-caller.ts';
import { Metering } from '../pipeline/metering.ts';
import { openExchange, type AwaitingBody, type Opened } from '../pipeline/open-exchange.ts';
import type { Ports } from '../pipeline/ports.ts';
import { runStage } from '../pipeline/run-stage.ts';
import { withStoreWait } from '../pipeline/exchange-ports.ts';
import { StoreWait } from '../pipeline/store-wait.ts';
import type { RequestHold } from '../pipeline/take-hold.ts';
import type { Ending, Telemetry } from '../ports/telemetry.ts';
import { decodeRequestHeaders, type StageCall } from './decode.ts';
import { decodeResponse, type ResponseView } from './decode-response.ts';
import type { EncodedMessage } from './encoded.ts';
import { ExchangeLog } from './exchange-log.ts';
import {
  BODY_BUFFERED,
  type HttpBodyMessage,
  type HttpHeadersMessage,
  type ProcessingRequestMessage,
  type ProcessingResponseMessage,
} from './messages.ts';
import { answerProcessing, refusalOf, refuseProcessing, requestIdOf, type Asked } from './refusal.ts';
import {
  bufferResponseHeaders,
  continueToBody,
  editResponseHeaders,
  passResponseBody,
  passResponseHeaders,
  passResponseWhole,
  replaceResponseBody,
  replaceResponseWhole,
} from './pass.ts';
import { releaseRequest } from './release.ts';
import { stringAt } from './struct.ts';

const extProcAttributes = 'envoy.filters.http.ext_proc';

/** An answer whose declared length is below this comes as one message instead of two; larger or undeclared ones are streamed. */
const bufferedAnswerBytesMax = 262_144;

/**
 * How many stages a piece of an answer may take: a guard has all of one for its verdict, and that it gave none must still be told in the
 * answer. Envoy's own timeout is 1.25.
 */
const answerStages = 1.1;

const nothing = Buffer.alloc(0);

/** Both official clients would send it again, and it would be charged again. */
const neverRetry = ['x-should-retry', 'false'] as const;

type State = 'headers' | 'body' | 'released' | 'responding' | 'closed';

/** What to send; `last` = nothing more is owed after it. */
export interface Reply {
  readonly message: ProcessingResponseMessage | EncodedMessage;
  readonly last: boolean;
}

/** One exchange seen through its ext_proc stream: headers → body → response, a local reply included, as an explicit state machine. */
export class ProcSession {
  readonly #ports: Ports;
  readonly #wait: StoreWait;
  readonly #telemetry: Telemetry;
  readonly #call: StageCall;
  readonly log: ExchangeLog;
  #state: State = 'headers';
  #opened: AwaitingBody | undefined;
  #path = '';
  #streamed = true;
  /** Taken for this exchange. */
  #hold: RequestHold | undefined;
  #metering: Metering | undefined;
  /** Of the answer that is on its way. */
  #check: AnswerCheck | undefined;

  constructor(ports: Ports, telemetry: Telemetry, call: StageCall) {
    this.#wait = new StoreWait({ totalMs: ports.settings().storeMsMax });
    this.#ports = withStoreWait(ports, this.#wait);
    this.#telemetry = telemetry;
    this.#call = call;
    this.log = new ExchangeLog(telemetry, ports.clock);
  }

  get caller(): Caller | undefined {
    return this.log.caller;
  }

  get undecided(): boolean {
    return this.#state === 'headers' || this.#state === 'body';
  }

  /** Answers one message. Never throws: what goes wrong is a fault, and a fault refuses. */
  handle(message: ProcessingRequestMessage): Eventually<Reply> {
    const {
      request_headers: requestHeaders,
      request_body: requestBody,
      response_headers: responseHeaders,
      response_body: responseBody,
    } = message;
    if (requestHeaders !== undefined && this.#state === 'headers') {
      return this.#onRequestHeaders(message, requestHeaders);
    }
    if (requestBody !== undefined && this.#state === 'body') {
      return this.#onRequestBody(requestBody);
    }
    // Before the release it is a local reply of Envoy's own: an upload that was too slow or too large.
    if (responseHeaders !== undefined && (this.#state === 'released' || this.#state === 'body')) {
      return this.#onResponseHeaders(message, responseHeaders);
    }
    if (responseBody !== undefined && this.#state === 'responding') {
      return this.#onResponseBody(responseBody);
    }
    return this.#refuse(fault('protocol', 'protocol', `${message.request ?? 'nothing'} while in state ${this.#state}`));
  }

  /** The stream is over, for whatever reason; `broken` = not by an orderly end of Envoy's. */
  close(broken: boolean): void {
    const ending: Ending = this.#state === 'closed' ? 'complete' : broken ? 'aborted' : 'cut';
    if (this.#state === 'released') {
      this.#telemetry.responseUnseen();
    }
    if (this.#state === 'responding' && this.#check !== undefined) {
      this.log.answerInspected(this.#check.findings);
    }
    // Of an answer that came to its end this changes nothing.
    this.#metering?.lost(this.#ports.clock());
    this.#state = 'closed';
    this.log.report(ending);
  }

  #onRequestHeaders(message: ProcessingRequestMessage, headers: HttpHeadersMessage): Eventually<Reply> {
    const outcome = this.#stage('open', () => {
      const view = decodeRequestHeaders(headers, message.attributes?.[extProcAttributes]);
      this.#path = view.path;
      this.log.exchangeId = view.exchangeId;
      if (message.observability_mode || message.protocol_config?.request_body_mode !== BODY_BUFFERED) {
        return fault('open', 'protocol', 'the ext_proc filter must send the request body BUFFERED and wait for replies');
      }
      if (view.exchangeId === '') {
        return fault('open', 'protocol', 'no x-request-id: Envoy must generate it');
      }
      return andThen(this.#callerOf(message, view), (caller) => {
        this.log.caller = caller;
        return openExchange(this.#ports, view, caller, headers.end_of_stream);
      });
    });
    return when(outcome, (known) => (known.kind === 'next' ? this.#open(known.found) : this.#refuse(known)));
  }

  #open(opened: Opened): Reply {
    this.log.opened(opened.caller, opened.endpoint);
    if (opened.kind === 'answer') {
      this.log.decided('answered', 200, undefined, undefined);
      this.#state = 'closed';
      return { message: answerProcessing(200, 'answered', opened.body, requestIdOf(this.#asked())), last: true };
    }
    this.#opened = opened;
    this.#state = 'body';
    return { message: continueToBody(opened.unforwarded), last: false };
  }

  /** Chain `proc` proves the caller here; chain `authz+proc` did so in `Check` and sends the sealed result. */
  #callerOf(message: ProcessingRequestMessage, view: RequestView): Eventually<Outcome<Caller>> {
    if (this.#call.stage === 'identify-and-decide') {
      this.log.address = clientAddress(this.#ports, view);
      return identifyCaller(this.#ports, view, this.log.address);
    }
    const sealed = stringAt(message.metadata_context?.filter_metadata?.[METADATA.authz], METADATA.seal);
    return andThen(this.#ports.seals.open(sealed, view.exchangeId), ({ caller, storeMs }) => {
      this.#wait.add(storeMs);
      return next(caller);
    });
  }

  #onRequestBody(body: HttpBodyMessage): Eventually<Reply> {
    const bytes = body.body ?? Buffer.alloc(0);
    this.log.requestBytes = bytes.length;
    const outcome = this.#stage('decide', () => {
      if (this.#opened === undefined) {
        return fault('decide', 'protocol', 'a request body without its headers');
      }
      if (!body.end_of_stream) {
        // In BUFFERED mode the body comes whole, so what follows it can only be trailers.
        return deny('request_invalid', 'request trailers', 'Trailers are not supported.');
      }
      const asked = (model: string): void => {
        this.log.model = model;
      };
      return andThen(decide(this.#ports, this.#opened, bytes, this.#call.providers, asked), (decision) => {
        this.#hold = decision.hold;
        return next({ decision, message: releaseRequest(decision, this.log.exchangeId) });
      });
    });
    return when(outcome, (known) => (known.kind === 'next' ? this.#release(known.found) : this.#refuse(known)));
  }

  #release({ decision, message }: { readonly decision: Decision; readonly message: EncodedMessage }): Reply {
    if (this.#state === 'closed') {
      // The client left while it was decided. Nothing is going to be sent.
      return this.#refuse(fault('decide', 'protocol', 'the exchange ended before its decision'));
    }
    const { attempts, hold, answer, verdicts, metering } = decision;
    if (hold !== undefined) {
      const { prices } = this.#ports.settings();
      this.#metering = new Metering({ ...metering, held: hold, attempts, prices });
    }
    this.log.inspected(answer.masked?.counts, verdicts);
    this.#check = AnswerCheck.isNeeded(answer) ? new AnswerCheck(this.#ports, answer) : undefined;
    this.log.decided('released', undefined, undefined, undefined);
    this.#state = 'released';
    return { message, last: false };
  }

  #onResponseHeaders(message: ProcessingRequestMessage, headers: HttpHeadersMessage): Reply {
    const noted = message.metadata_context?.filter_metadata?.[METADATA.attempts];
    const seen = decodeResponse(headers, message.attributes?.[extProcAttributes], noted);
    this.log.provider = seen.provider;
    this.log.attempts = seen.attempts;
    this.log.status = seen.status;
    this.#metering?.head(seen, this.#ports.clock());
    if (seen.provider !== undefined && (seen.status === 401 || seen.status === 403)) {
      return this.#credentialRejected(seen.provider, seen.status);
    }
    this.#state = seen.endOfStream ? 'closed' : 'responding';
    return this.#check === undefined || seen.provider === undefined || seen.endOfStream
      ? this.#passHead(seen)
      : this.#checkFrom(this.#check, seen);
  }

  #passHead(seen: ResponseView): Reply {
    this.#check = undefined;
    // The listener's buffer is as large as the largest request body; an answer that does not fit would be a 500.
    const edits = this.#metering?.edits === true;
    this.#streamed = edits || seen.contentLength > Math.min(bufferedAnswerBytesMax, this.#ports.settings().bodyBytesMax);
    return { message: edits ? editResponseHeaders() : passResponseHeaders(this.#streamed), last: seen.endOfStream };
  }

  /** From here on the client gets what the check makes of the answer. */
  #checkFrom(check: AnswerCheck, seen: ResponseView): Reply {
    const mode = check.head(seen);
    if (mode.kind !== 'next') {
      return this.#refuseAnswer(mode);
    }
    this.#streamed = mode.found === 'events';
    return { message: this.#streamed ? editResponseHeaders() : bufferResponseHeaders(), last: false };
  }

  /** It is our key that was refused: the client cannot mend it, and the provider's words may quote the key. */
  #credentialRejected(provider: string, status: number): Reply {
    this.#telemetry.credentialRejected(provider, status);
    // A 403 may be about the request (flagged words, a region): no caller may take a key out of use by provoking one.
    if (status === 401) {
      this.#ports.credentials.reject(provider);
    }
    const refusal = refusalOf(deny('provider_credential_rejected', provider), this.#asked());
    this.log.status = refusal.status;
    this.log.code = refusal.code;
    this.#state = 'closed';
    return { message: refuseProcessing(refusal), last: true };
  }

  #onResponseBody(body: HttpBodyMessage): Eventually<Reply> {
    const bytes = body.body ?? nothing;
    this.log.responseBytes += bytes.length;
    const over = body.end_of_stream;
    const replaced = this.#metering?.piece(bytes, over, this.#ports.clock());
    const check = this.#check;
    if (check !== undefined) {
      const checked = this.#stage('answer', () => check.piece(replaced ?? bytes, over), answerStages);
      return when(checked, (known) => this.#passChecked(check, known, over));
    }
    if (over) {
      this.#state = 'closed';
    }
    if (replaced !== undefined) {
      return { message: replaceResponseBody(replaced), last: over };
    }
    return { message: this.#streamed || !over ? passResponseBody() : passResponseWhole(this.log.responseBytes), last: over };
  }

  #passChecked(check: AnswerCheck, outcome: Outcome<Buffer>, over: boolean): Reply {
    if (outcome.kind !== 'next') {
      // The head of a stream has gone out: a refusal of Envoy's would be a reset connection, which says nothing.
      const event = check.refuse(outcome);
      return event === undefined ? this.#refuseAnswer(outcome) : this.#replaceBody(check, event, over);
    }
    return this.#replaceBody(check, outcome.found, over);
  }

  #replaceBody(check: AnswerCheck, passed: Buffer, over: boolean): Reply {
    if (over) {
      // Not before: until its guards have judged it, an answer that is broken off is not complete.
      this.#state = 'closed';
      this.log.answerInspected(check.findings);
    }
    return { message: this.#streamed ? replaceResponseBody(passed) : replaceResponseWhole(passed), last: over };
  }

  /** The provider has answered, and was paid; the client does not get what could not be checked. */
  #refuseAnswer(outcome: Denied | Faulted): Reply {
    const refusal = refusalOf(outcome, this.#asked(), ANSWER_FAULT_ROW);
    this.log.answerRefused(outcome, refusal.status, refusal.code);
    this.#state = 'closed';
    return { message: refuseProcessing({ ...refusal, headers: [...refusal.headers, neverRetry] }), last: true };
  }

  #refuse(outcome: Denied | Faulted): Reply {
    this.#hold?.hold.cancel();
    const refusal = refusalOf(outcome, this.#asked());
    this.log.refused(outcome, refusal.status, refusal.code);
    this.#state = 'closed';
    return { message: refuseProcessing(refusal), last: true };
  }

  #asked(): Asked {
    return { path: this.#path, exchangeId: this.log.exchangeId };
  }

  #stage<Found>(name: string, work: () => Eventually<Outcome<Found>>, stages = 1): Eventually<Outcome<Found>> {
    return runStage(name, this.#ports.clock, this.#ports.settings().stageMsMax * stages, work);
  }
}
