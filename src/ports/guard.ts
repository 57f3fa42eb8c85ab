import type { GuardAnswer, GuardDirection, GuardFaultCause } from '../core/guard.ts';

/** What a guard is asked about. Texts that are blank need no verdict; those that are left count as one whole. */
export interface GuardQuestion {
  readonly direction: GuardDirection;
  readonly texts: readonly string[];
  /** What the answer is an answer to, for guards that judge by it; undefined in requests, and where it is not known. */
  readonly prompt: string | undefined;
}

export interface Guards {
  /**
   * Asks all these guards at once; one answer each, in this order. Never rejects: what goes wrong is a `fault`. `signal` is the deadline
   * of the exchange; each guard has its own beside it.
   */
  judge(guards: readonly string[], question: GuardQuestion, signal: AbortSignal): Promise<readonly GuardAnswer[]>;
}

/** Something that was found in a text. */
export interface FoundEntity {
  /** As the analyzer calls it: `PERSON`. */
  readonly entity: string;
  /** UTF-16 code units; `end` is the first behind it. */
  readonly start: number;
  readonly end: number;
  /** 0..1 */
  readonly score: number;
}

/** `found`: a list for each text, in the order of the texts. */
export type EntityAnswer =
  | { readonly kind: 'found'; readonly entities: readonly (readonly FoundEntity[])[] }
  | { readonly kind: 'fault'; readonly cause: GuardFaultCause };

/** An analyzer that says where in a text something is. */
export interface EntityFinder {
  /** Never rejects. `guard` names one of the kind `presidio`. */
  find(guard: string, texts: readonly string[], signal: AbortSignal): Promise<EntityAnswer>;
}
