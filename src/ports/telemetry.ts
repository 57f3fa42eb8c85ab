import type { Caller } from '../core/caller.ts';
import type { GuardDirection, GuardFaultCause } from '../core/guard.ts';
import type { LimitKind, LimitLevel } from '../core/limit.ts';
import type { Operation } from '../core/operation.ts';

/** How an exchange was decided. `abandoned`: it ended before there was anything to decide. */
export type Disposition = 'released' | 'answered' | 'denied' | 'faulted' | 'abandoned';

/** How an exchange that was released ended, as far as we could see. */
export type Ending = 'complete' | 'cut' | 'aborted';

/** One exchange, once it is over: named facts, chosen one by one. Nothing of a body, a header or a credential. */
export interface ExchangeRecord {
  readonly exchangeId: string;
  readonly disposition: Disposition;
  /** The denial's code, or the fault's public one; undefined where nothing was refused. */
  readonly code: string | undefined;
  /** For our own eyes: which step faulted and why. */
  readonly detail: string | undefined;
  readonly caller: Caller | undefined;
  /** The trusted-hop address of the client; undefined where it could not be told. */
  readonly address: string | undefined;
  readonly operation: Operation | undefined;
  readonly model: string | undefined;
  /** The cluster that answered; undefined where none did. */
  readonly provider: string | undefined;
  readonly attempts: number | undefined;
  /** Status that the client got; undefined where the exchange ended before one was seen. */
  readonly status: number | undefined;
  readonly ending: Ending | undefined;
  /** What was found and hidden, by entity and action (`email mask`); undefined where nothing is looked for. */
  readonly found: { readonly request: ReadonlyMap<string, number>; readonly response: ReadonlyMap<string, number> } | undefined;
  /** Placeholders in the answer that this request has not sent. */
  readonly unknownPlaceholders: number;
  /** Of guards and of the signals of injection: names, labels and scores, nothing of a text. */
  readonly verdicts: readonly string[];
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** From the first message about the request to the reply that decided it. */
  readonly decisionMs: number | undefined;
  readonly totalMs: number;
}

/** What is counted of a guard's answer. */
export interface GuardWord {
  readonly guard: string;
  readonly direction: GuardDirection;
  /** `found`: an analyzer said where something is, or that nothing is. */
  readonly verdict: 'clear' | 'flagged' | 'found' | GuardFaultCause;
  /** From the question to the answer, milliseconds. */
  readonly tookMs: number;
}

/** Where facts about running go. No method throws; a full disk or a slow scraper never decides about a request. */
export interface Telemetry {
  exchange(record: ExchangeRecord): void;
  /** Every opened exchange is closed once; only those that are reported are counted in full. */
  exchangeOpened(): void;
  exchangeClosed(): void;
  /** Envoy's configuration lacks these providers and routes of the settings, or has other versions of them; none = it agrees. */
  configurationMismatch(providers: readonly string[]): void;
  /** A released exchange ended without the response phase that was asked for. */
  responseUnseen(): void;
  credentialRejected(provider: string, status: number): void;
  rewrite(outcome: 'done' | 'refused', target: string): void;
  keysPushed(subscribers: number): void;
  /**
   * A hold was asked for. `unavailable` = the store could not be asked, and the request was refused; `uncounted` = the same, and every
   * limit lets requests through then.
   */
  hold(outcome: 'granted' | 'refused' | 'unavailable' | 'uncounted'): void;
  limitReached(kind: LimitKind, level: LimitLevel): void;
  /** A guard, or an analyzer of names, was asked; what a fault meant for the request is the exchange's own. */
  guardAnswered(answer: GuardWord): void;
}
