import type { Approval, ApprovalChange, ApprovalStep } from '../core/approval.ts';
import { found, refused, type Ruling } from '../core/ruling.ts';
import { approvalStateAt } from './approval.ts';

const dayMs = 86_400_000;

/** Longest life of an approval; whoever needs it longer asks again. */
export const approvalMsMax = 90 * dayMs;
/** Below this it would be over before its use. */
export const approvalMsMin = 60_000;

export const isApprovalDuration = (ms: number): boolean => Number.isSafeInteger(ms) && ms >= approvalMsMin && ms <= approvalMsMax;

export type StepRefusal = 'own_request' | 'not_open' | 'not_in_force' | 'duration_invalid';

/** Grants an open request for `durationMs`, or for as long as was asked. Never by the operator who asked for it. */
export function judgeGrant(approval: Approval, step: ApprovalStep, durationMs: number | undefined): Ruling<ApprovalChange, StepRefusal> {
  const ms = durationMs ?? approval.wantedMs;
  if (approvalStateAt(approval, step.atMs) !== 'requested') {
    return refused('not_open');
  }
  if (step.by === approval.requested.by) {
    return refused('own_request');
  }
  return isApprovalDuration(ms) ? found({ kind: 'granted', ...step, expiresAtMs: step.atMs + ms }) : refused('duration_invalid');
}

/** Turns an open request down. Whoever asked may do so too: it takes nothing but what was theirs. */
export const judgeDenial = (approval: Approval, step: ApprovalStep): Ruling<ApprovalChange, StepRefusal> =>
  approvalStateAt(approval, step.atMs) === 'requested' ? found({ kind: 'denied', ...step }) : refused('not_open');

/** Withdraws an approval that is in force. */
export const judgeRevocation = (approval: Approval, step: ApprovalStep): Ruling<ApprovalChange, StepRefusal> =>
  approvalStateAt(approval, step.atMs) === 'in_force' ? found({ kind: 'revoked', ...step }) : refused('not_in_force');
