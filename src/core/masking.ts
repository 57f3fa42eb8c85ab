/**
 * What happens to what was found, the mildest first. `log` = it passes and is counted; `mask` = a placeholder goes in its place, and in the
 * answer the value comes back; `redact` = it is replaced for good; `block` = the request or the answer is refused.
 */
export const MASK_ACTIONS = ['log', 'mask', 'redact', 'block'] as const;
export type MaskAction = (typeof MASK_ACTIONS)[number];

/** In answers nothing is put back later, so nothing is masked for a while. */
export const ANSWER_ACTIONS = ['log', 'redact', 'block'] as const satisfies readonly MaskAction[];

/**
 * What cannot be read or changed, so that an operator must say that it may pass. `tokens` = ids of tokens; `encrypted` = sealed by the
 * provider; `reference` = something that the provider keeps; `signed` = a thinking block in which something was found.
 */
export const PASS_KINDS = ['image', 'audio', 'video', 'file', 'tokens', 'encrypted', 'reference', 'signed'] as const;
export type PassKind = (typeof PASS_KINDS)[number];

/** One direction. Plain data, so that it can go to another thread. */
export interface DirectionMasking {
  /** By entity. */
  readonly actions: ReadonlyMap<string, MaskAction>;
  readonly pass: readonly PassKind[];
}

export interface RequestMasking extends DirectionMasking {
  /** Placeholders in the answer become what they stand for. */
  readonly restore: boolean;
}

export interface AnswerMaskingRule extends DirectionMasking {
  /** Hosts, in small letters, to which links of answers may carry data. */
  readonly trustedHosts: readonly string[];
}

/** What an operator asks for, or several together. Undefined = nothing is looked for in that direction. */
export interface MaskingRule {
  readonly request: RequestMasking | undefined;
  readonly response: AnswerMaskingRule | undefined;
}

/** A request's own words that look like one of its placeholders: hidden like a value, so that they come back as they were. */
export const lookAlike = 'text';

/** The name of an entity as placeholders and redactions show it. */
export const shownType = (entity: string): string => entity.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');
