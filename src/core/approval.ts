/** A request that nobody decided in this time lapses: it must not be granted when its reason is long forgotten. */
export const approvalOpenMsMax = 30 * 86_400_000;

/** For whom an approval is: one virtual key, or everybody whom a credential names so. */
export const APPROVAL_SUBJECTS = ['key', 'client', 'user', 'team'] as const;
export type ApprovalSubject = (typeof APPROVAL_SUBJECTS)[number];

/** One step in the life of an approval: which operator, when, and why. */
export interface ApprovalStep {
  readonly by: string;
  readonly atMs: number;
  readonly reason: string;
}

/** That somebody may use a model which needs an approval: asked for, decided once, and perhaps withdrawn. Steps are added, never changed. */
export interface Approval {
  readonly id: string;
  readonly model: string;
  readonly subject: ApprovalSubject;
  /** The key's id; the name of the client, user or team. */
  readonly value: string;
  /** How long it was asked for, from the grant on. */
  readonly wantedMs: number;
  readonly requested: ApprovalStep;
  readonly granted: (ApprovalStep & { readonly expiresAtMs: number }) | undefined;
  readonly denied: ApprovalStep | undefined;
  readonly revoked: ApprovalStep | undefined;
}

/** The step after a request, or after a grant. */
export type ApprovalChange =
  | ({ readonly kind: 'granted'; readonly expiresAtMs: number } & ApprovalStep)
  | ({ readonly kind: 'denied' } & ApprovalStep)
  | ({ readonly kind: 'revoked' } & ApprovalStep);

/** An approval that was granted and not revoked, as far as it decides. */
export interface StandingApproval {
  readonly model: string;
  readonly subject: ApprovalSubject;
  readonly value: string;
  readonly expiresAtMs: number;
}

const idPattern = /^[0-9A-Za-z]{10}$/;

export const isApprovalId = (text: string): boolean => idPattern.test(text);
