import type { Caller } from '../core/caller.ts';
import type { Clock } from '../core/clock.ts';
import { ANSWER_FAULT_ROW } from '../core/denials.ts';
import type { AnswerFindings } from '../pipeline/answer-facts.ts';
import type { Denied, Faulted } from '../core/outcome.ts';
import type { Operation, Endpoint } from '../core/operation.ts';
import type { Disposition, Ending, ExchangeRecord, Telemetry } from '../ports/telemetry.ts';

/** Gathers the facts of one exchange and reports them exactly once. */
export class ExchangeLog {
  readonly #telemetry: Telemetry;
  readonly #clock: Clock;
  readonly #openedMs: number;
  #closed = false;
  exchangeId = '';
  caller: Caller | undefined;
  /** Of the client, also where no caller is known. */
  address: string | undefined;
  operation: Operation | undefined;
  model: string | undefined;
  provider: string | undefined;
  attempts: number | undefined;
  status: number | undefined;
  disposition: Disposition = 'abandoned';
  code: string | undefined;
  detail: string | undefined;
  #found: ExchangeRecord['found'];
  #unknownPlaceholders = 0;
  #verdicts: readonly string[] = [];
  requestBytes = 0;
  responseBytes = 0;
  #decidedMs: number | undefined;

  constructor(telemetry: Telemetry, clock: Clock) {
    this.#telemetry = telemetry;
    this.#clock = clock;
    this.#openedMs = clock();
    telemetry.exchangeOpened();
  }

  opened(caller: Caller, endpoint: Endpoint): void {
    this.caller = caller;
    this.operation = endpoint.operation;
  }

  decided(disposition: Disposition, status: number | undefined, code: string | undefined, detail: string | undefined): void {
    this.disposition = disposition;
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.#decidedMs = this.#clock();
  }

  refused(outcome: Denied | Faulted, status: number, code: string): void {
    this.decided(outcome.kind === 'deny' ? 'denied' : 'faulted', status, code, detailOf(outcome));
  }

  /** What was hidden in the request (undefined where nothing is looked for), and what was said of it. */
  inspected(counts: ReadonlyMap<string, number> | undefined, verdicts: readonly string[]): void {
    this.#found = counts === undefined ? undefined : { request: counts, response: new Map() };
    this.#verdicts = verdicts;
  }

  /** What was found in the answer, and said of it. */
  answerInspected({ counts, unknownPlaceholders, verdicts, refusal }: AnswerFindings): void {
    this.#found &&= { request: this.#found.request, response: counts };
    this.#unknownPlaceholders = unknownPlaceholders;
    this.#verdicts = [...this.#verdicts, ...verdicts.map((verdict) => `response: ${verdict}`)];
    if (refusal !== undefined) {
      this.code = refusal.kind === 'deny' ? refusal.denial.code : ANSWER_FAULT_ROW.code;
      this.detail = detailOf(refusal);
    }
  }

  /** The provider has answered, and the client gets a refusal. */
  answerRefused(outcome: Denied | Faulted, status: number, code: string): void {
    this.status = status;
    this.code = code;
    this.detail = detailOf(outcome);
  }

  /** Idempotent: a stream may end in several ways at once. */
  report(ending: Ending | undefined): void {
    if (!this.#closed) {
      this.discard();
      this.#telemetry.exchange(this.#record(ending));
    }
  }

  /** Closes without a report: another stage reports this exchange. */
  discard(): void {
    if (!this.#closed) {
      this.#closed = true;
      this.#telemetry.exchangeClosed();
    }
  }

  #record(ending: Ending | undefined): ExchangeRecord {
    return {
      exchangeId: this.exchangeId,
      disposition: this.disposition,
      code: this.code,
      detail: this.detail,
      caller: this.caller,
      address: this.caller?.address ?? this.address,
      operation: this.operation,
      model: this.model,
      provider: this.provider,
      attempts: this.attempts,
      status: this.status,
      ending: this.disposition === 'released' ? ending : undefined,
      found: this.#found,
      unknownPlaceholders: this.#unknownPlaceholders,
      verdicts: this.#verdicts,
      requestBytes: this.requestBytes,
      responseBytes: this.responseBytes,
      decisionMs: this.#decidedMs === undefined ? undefined : this.#decidedMs - this.#openedMs,
      totalMs: this.#clock() - this.#openedMs,
    };
  }
}

function detailOf(outcome: Denied | Faulted): string | undefined {
  if (outcome.kind === 'deny') {
    return outcome.denial.detail;
  }
  const { step, cause, detail } = outcome.fault;
  return `${step}: ${cause}: ${detail ?? ''}`;
}
