/** What speaks on the other side of a guard's URL. */
export const GUARD_KINDS = ['llama-guard', 'openai-moderation', 'presidio', 'http'] as const;
export type GuardKind = (typeof GUARD_KINDS)[number];

/** Which side of an exchange a guard looks at. */
export const GUARD_DIRECTIONS = ['request', 'response'] as const;
export type GuardDirection = (typeof GUARD_DIRECTIONS)[number];

/** What a window may be, in characters (UTF-16 code units). */
export const guardWindowMin = 64;
export const guardWindowMax = 65_536;

/**
 * What becomes of a streamed answer that a guard judges: its request is refused, it is held back until it is whole, or judged each time so
 * many characters of it have come (`window`).
 */
export type GuardStream = 'refuse' | 'buffer' | { readonly window: number };

/**
 * Why a guard gave no verdict. The first group lies with the guard and the way to it; what a caller can bring about by what it sends is
 * the second, `CALLER_MADE`.
 */
export type GuardFaultCause =
  /**
   * `untrusted`: nobody vouches for its certificate, or it speaks no TLS. `overload`: too many questions at once. `rejected`: a redirect, a
   * wrong key, a wrong path. `unavailable`: 429 or 5xx.
   */
  | 'timeout'
  | 'unreachable'
  | 'untrusted'
  | 'refused_address'
  | 'no_credential'
  | 'overload'
  | 'rejected'
  | 'unavailable'
  | 'bad_reply'
  | 'internal'
  | CallerMade;

/**
 * `question_too_large`: more text than the guard takes. `question_refused`: the guard took offence at it (400, 413, 422).
 * `answer_too_large`: so many findings. `no_verdict`: a guard that is a language model said something else than its verdict.
 */
export const CALLER_MADE = ['question_too_large', 'question_refused', 'answer_too_large', 'no_verdict'] as const;
type CallerMade = (typeof CALLER_MADE)[number];

/** What a guard says of an exchange. `score` in 0..1, the highest there was; undefined where the guard gives none. */
export type GuardVerdict =
  | { readonly kind: 'clear'; readonly score: number | undefined }
  | { readonly kind: 'flagged'; readonly labels: readonly string[]; readonly score: number | undefined }
  | { readonly kind: 'fault'; readonly cause: GuardFaultCause };

/** One guard's word. `tookMs`: from the question to the verdict. */
export interface GuardAnswer {
  readonly guard: string;
  readonly verdict: GuardVerdict;
  readonly tookMs: number;
}
