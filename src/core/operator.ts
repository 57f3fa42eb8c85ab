/** What an operator may do, from least to most: see `ADMIN_ACTIONS`. */
export const OPERATOR_ROLES = ['viewer', 'approver', 'admin'] as const;
export type OperatorRole = (typeof OPERATOR_ROLES)[number];

/** Who uses the admin API. One name is one person: every call is attributed to it, and whoever asks for an approval cannot grant it. */
export interface Operator {
  readonly name: string;
  readonly role: OperatorRole;
}

/** An operator's token as stored: never the token itself, only its digest. One operator may have several, while one replaces another. */
export interface OperatorRecord extends Operator {
  /** Of the token. */
  readonly id: string;
  /** Lower-case hex HMAC-SHA-256(pepper, whole token). */
  readonly digest: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly revokedAtMs: number | undefined;
}

export const isOperatorRole = (text: string): text is OperatorRole => OPERATOR_ROLES.some((role) => role === text);

const namePattern = /^[a-z0-9][a-z0-9._@-]{0,63}$/;

/** Lower case only: `Ann` and `ann` must not be two people. */
export const isOperatorName = (text: string): boolean => namePattern.test(text);
