import type { Caller } from '../core/caller.ts';
import { when, type Eventually } from '../core/eventually.ts';
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
import type { Telemetry } from '../ports/telemetry.ts';
import { AnswerSession, type AnsweredExchange } from './answer-session.ts';
import { decodeRequestHeaders, EXT_PROC_ATTRIBUTES, type StageCall } from './decode.ts';
import type { EncodedMessage } from './encoded.ts';
import { ExchangeLog } from './exchange-log.ts';
import { BODY_BUFFERED, type HttpBodyMessage, type HttpHeadersMessage, type ProcessingRequestMessage } from './messages.ts';
import { answerProcessing, refusalOf, refuseProcessing, requestIdOf, type Asked } from './refusal.ts';
import { continueToBody } from './pass.ts';
import { releaseRequest } from './release.ts';
import type { Reply } from './reply.ts';
import { stringAt } from './struct.ts';

type State = 'headers' | 'body' | 'closed';

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
  /** Taken for this exchange. */
  #hold: RequestHold | undefined;
  /** From the release on, and of a local reply of Envoy's own. */
  #answer: AnswerSession | undefined;

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
    return this.#answer === undefined && this.#state !== 'closed';
  }

  /** Answers one message. Never throws: what goes wrong is a fault, and a fault refuses. */
  handle(message: ProcessingRequestMessage): Eventually<Reply> {
    if (this.#answer !== undefined) {
      return this.#answer.handle(message);
    }
    const { request_headers: headers, request_body: body } = message;
    if (headers !== undefined && this.#state === 'headers') {
      return this.#onRequestHeaders(message, headers);
    }
    if (body !== undefined && this.#state === 'body') {
      return this.#onRequestBody(body);
    }
    if (message.response_headers !== undefined && this.#state === 'body') {
      // A local reply of Envoy's own: an upload that was too slow or too large.
      return this.#openAnswer({ metering: undefined, check: undefined }).handle(message);
    }
    return this.#refuse(fault('protocol', 'protocol', `${message.request ?? 'nothing'} while in state ${this.#state}`));
  }

  /** The stream is over, for whatever reason; `broken` = not by an orderly end of Envoy's. */
  close(broken: boolean): void {
    const isOver = this.#answer?.isOver ?? this.#state === 'closed';
    this.#answer?.close();
    this.#state = 'closed';
    this.log.report(isOver ? 'complete' : broken ? 'aborted' : 'cut');
  }

  #onRequestHeaders(message: ProcessingRequestMessage, headers: HttpHeadersMessage): Eventually<Reply> {
    const outcome = this.#stage('open', () => {
      const view = decodeRequestHeaders(headers, message.attributes?.[EXT_PROC_ATTRIBUTES]);
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
    const { prices } = this.#ports.settings();
    this.#openAnswer({
      metering: hold && new Metering({ ...metering, held: hold, attempts, prices }),
      check: AnswerCheck.isNeeded(answer) ? new AnswerCheck(this.#ports, answer) : undefined,
    });
    this.log.inspected(answer.masked?.counts, verdicts);
    this.log.decided('released', undefined, undefined, undefined);
    return { message, last: false };
  }

  #openAnswer(made: Pick<AnsweredExchange, 'metering' | 'check'>): AnswerSession {
    const answer = new AnswerSession({ ...made, ports: this.#ports, telemetry: this.#telemetry, log: this.log, asked: this.#asked() });
    this.#answer = answer;
    return answer;
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

  #stage<Found>(name: string, work: () => Eventually<Outcome<Found>>): Eventually<Outcome<Found>> {
    return runStage(name, this.#ports.clock, this.#ports.settings().stageMsMax, work);
  }
}
