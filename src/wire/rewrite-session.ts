import { ENDPOINTS } from '../core/operation.ts';
import { METADATA } from '../core/headers.ts';
import { never } from '../core/assert.ts';
import { when, type Eventually } from '../core/eventually.ts';
import { andThen, fault, next, type Denied, type Faulted, type Outcome } from '../core/outcome.ts';
import { headerValues } from '../core/request.ts';
import type { Ports } from '../pipeline/ports.ts';
import { runStage } from '../pipeline/run-stage.ts';
import { rewriteBody } from '../policy/llm/rewrite-body.ts';
import type { Attempt } from '../policy/order.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { StageCall } from './decode.ts';
import {
  BODY_BUFFERED,
  type HttpBodyMessage,
  type ProcessingRequestMessage,
  type ProcessingResponseMessage,
  type StructMessage,
  type ValueMessage,
} from './messages.ts';
import { rawHeader, refusalOf, refuseProcessing } from './refusal.ts';
import type { Reply } from './reply.ts';
import { listAt, stringAt } from './struct.ts';

/**
 * The rewrite stage of one attempt after the first: fits path, host, length and model to the target of this cluster. It runs
 * on every cluster, because any may come second; without it the provider got the first target's path and length.
 */
export class RewriteSession {
  readonly #ports: Ports;
  readonly #telemetry: Telemetry;
  readonly #call: StageCall;
  #attempt: Attempt | undefined;
  #operation: string | undefined;
  #path = '';
  #exchangeId = '';
  #isAnswered = false;

  constructor(ports: Ports, telemetry: Telemetry, call: StageCall) {
    this.#ports = ports;
    this.#telemetry = telemetry;
    this.#call = call;
  }

  /** Until its body was fitted, an attempt must not go on: it would carry the model and the length of the one before. */
  get undecided(): boolean {
    return !this.#isAnswered;
  }

  handle(message: ProcessingRequestMessage): Eventually<Reply> {
    const outcome = runStage('rewrite', this.#ports.clock, this.#ports.settings().stageMsMax, () => {
      switch (message.request) {
        case 'request_headers':
          return this.#onHeaders(message);
        case 'request_body':
          return this.#onBody(message.request_body);
        case 'response_headers':
        case 'response_body':
        case 'request_trailers':
        case 'response_trailers':
        case undefined:
          return fault('rewrite', 'protocol', message.request ?? 'nothing');
        default:
          return never(message.request);
      }
    });
    return when(outcome, (known) => {
      const reply = known.kind === 'next' ? known.found : this.#refuse(known);
      this.#isAnswered = reply.last;
      return reply;
    });
  }

  #onHeaders(message: ProcessingRequestMessage): Outcome<Reply> {
    if (message.observability_mode || message.protocol_config?.request_body_mode !== BODY_BUFFERED) {
      return fault('rewrite', 'protocol', 'the ext_proc filter must send the request body BUFFERED and wait for replies');
    }
    const headers = message.request_headers?.headers ?? [];
    this.#path = headerValues(headers, ':path')[0] ?? '';
    const decision = message.metadata_context?.filter_metadata?.[METADATA.decision];
    const number = Number(headerValues(headers, 'x-envoy-attempt-count')[0]);
    this.#exchangeId = stringAt(decision, 'exchange') ?? '';
    const attempt = attemptAt(decision, number);
    if (attempt === undefined || attempt.cluster !== this.#call.target) {
      return fault('rewrite', 'protocol', `attempt ${String(number)} is not for ${this.#call.target}`);
    }
    this.#attempt = attempt;
    this.#operation = stringAt(decision, 'operation');
    const setHeaders = [rawHeader(':path', attempt.path), rawHeader(':authority', attempt.authority)];
    return next({ message: { request_headers: { response: { header_mutation: { set_headers: setHeaders } } } }, last: false });
  }

  #onBody(body: HttpBodyMessage | undefined): Eventually<Outcome<Reply>> {
    const endpoint = ENDPOINTS.find((each) => each.operation === this.#operation);
    const attempt = this.#attempt;
    const bytes = body?.body;
    if (endpoint === undefined || attempt === undefined || bytes === undefined || body?.end_of_stream !== true) {
      return fault('rewrite', 'protocol', 'the request body did not come whole after its headers');
    }
    return andThen(this.#ports.judgeBody(endpoint, bytes), (judged) => next(this.#fit(rewriteBody(bytes, judged, attempt))));
  }

  #fit(rewritten: Buffer): Reply {
    this.#telemetry.rewrite('done', this.#call.target);
    const message: ProcessingResponseMessage = {
      request_body: {
        response: {
          header_mutation: { set_headers: [rawHeader('content-length', String(rewritten.length))] },
          body_mutation: { body: rewritten },
        },
      },
    };
    return { message, last: true };
  }

  #refuse(outcome: Denied | Faulted): Reply {
    this.#telemetry.rewrite('refused', this.#call.target);
    return { message: refuseProcessing(refusalOf(outcome, { path: this.#path, exchangeId: this.#exchangeId })), last: true };
  }
}

/** Attempts beyond the order stay on the last target (the priority-group rule of Envoy's cluster specifier). */
function attemptAt(decision: StructMessage | undefined, number: number): Attempt | undefined {
  const attempts = listAt(decision, 'attempts') ?? [];
  const value = Number.isInteger(number) && number > 0 ? attempts[Math.min(number, attempts.length) - 1] : undefined;
  return value === undefined ? undefined : attemptOf(value);
}

function attemptOf(value: ValueMessage): Attempt | undefined {
  const [cluster, model, path, authority] = ['cluster', 'model', 'path', 'authority'].map((key) => stringAt(value.structValue, key));
  if (cluster === undefined || model === undefined || path === undefined || authority === undefined) {
    return undefined;
  }
  return { cluster, model, path, authority };
}
