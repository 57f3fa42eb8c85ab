import type { DenialCode } from './denials.ts';
import { when, type Eventually } from './eventually.ts';

/** We decided: no. `code` is what the client sees; `detail` is for our own log and never sent. */
export interface Denial {
  readonly code: DenialCode;
  readonly detail: string | undefined;
  /** Names the offending field, model or operation to the client; only ever what the client itself sent or may know. */
  readonly publicHint: string | undefined;
  /** Headers of the answer, beside its content type: when to come back, for one. Names in lower case. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
}

/** We could not tell, which denies. `cause` comes from a closed set, so that a fault can be counted without leaking text. */
export interface Fault {
  readonly step: string;
  readonly cause: FaultCause;
  readonly detail: string | undefined;
}

export type FaultCause = 'deadline' | 'store' | 'secret' | 'jwks' | 'guard' | 'seal' | 'protocol' | 'overload' | 'invariant' | 'internal';

export interface Next<Found> {
  readonly kind: 'next';
  readonly found: Found;
}
export interface Denied {
  readonly kind: 'deny';
  readonly denial: Denial;
}
export interface Faulted {
  readonly kind: 'fault';
  readonly fault: Fault;
}

/** The answer of every step. Three arms, so that "could not tell" is never mistaken for success; no arm is a default. */
export type Outcome<Found> = Next<Found> | Denied | Faulted;

export const next = <Found>(found: Found): Next<Found> => ({ kind: 'next', found });

export const deny = (code: DenialCode, detail?: string, publicHint?: string): Denied => ({
  kind: 'deny',
  denial: { code, detail, publicHint },
});

export const fault = (step: string, cause: FaultCause, detail?: string): Faulted => ({
  kind: 'fault',
  fault: { step, cause, detail },
});

/** The next step, where the one before found something; else that one's refusal. */
export const andThen = <Found, Result>(
  outcome: Eventually<Outcome<Found>>,
  step: (found: Found) => Eventually<Outcome<Result>>,
): Eventually<Outcome<Result>> =>
  when(outcome, (known): Eventually<Outcome<Result>> => (known.kind === 'next' ? step(known.found) : known));
