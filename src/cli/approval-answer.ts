import { z } from 'zod';
import { APPROVAL_SUBJECTS } from '../core/approval.ts';

const step = z.object({ by: z.string(), at: z.string(), reason: z.string() });

export const APPROVAL_STATES = ['requested', 'lapsed', 'in_force', 'expired', 'denied', 'revoked'] as const;

/** An approval as the admin API shows it. */
export const approvalAnswer = z.object({
  id: z.string(),
  state: z.enum(APPROVAL_STATES),
  model: z.string(),
  for: z.object({ kind: z.enum(APPROVAL_SUBJECTS), name: z.string() }),
  wantedSeconds: z.number(),
  requested: step,
  granted: step.extend({ expiresAt: z.string() }).nullable(),
  denied: step.nullable(),
  revoked: step.nullable(),
});

export type ApprovalAnswer = z.output<typeof approvalAnswer>;

export const approvalsAnswer = z.object({ approvals: z.array(approvalAnswer) });

/** The last step: who and why. */
export function lastStepOf({ revoked, denied, granted, requested }: ApprovalAnswer): z.output<typeof step> {
  return revoked ?? denied ?? granted ?? requested;
}
