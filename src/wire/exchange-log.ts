import type { Caller } from '../core/caller.ts';
import type { Clock } from '../core/clock.ts';
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
    if (outcome.kind === 'deny') {
      this.decided('denied', status, code, outcome.denial.detail);
    } else {
      const { step, cause, detail } = outcome.fault;
      this.decided('faulted', status, code, `${step}: ${cause}: ${detail ?? ''}`);
    }
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
      requestBytes: this.requestBytes,
      responseBytes: this.responseBytes,
      decisionMs: this.#decidedMs === undefined ? undefined : this.#decidedMs - this.#openedMs,
      totalMs: this.#clock() - this.#openedMs,
    };
  }
}
