import type { Approval, ApprovalStep } from '../core/approval.ts';
import { approvalStateAt } from '../policy/approval.ts';

/** An approval as JSON, member by member. */
export const approvalView = (approval: Approval, nowMs: number) => ({
  id: approval.id,
  state: approvalStateAt(approval, nowMs),
  model: approval.model,
  for: { kind: approval.subject, name: approval.value },
  wantedSeconds: approval.wantedMs / 1_000,
  requested: stepView(approval.requested),
  granted: approval.granted === undefined ? null : { ...stepView(approval.granted), expiresAt: isoOf(approval.granted.expiresAtMs) },
  denied: approval.denied === undefined ? null : stepView(approval.denied),
  revoked: approval.revoked === undefined ? null : stepView(approval.revoked),
});

const stepView = ({ by, atMs, reason }: ApprovalStep) => ({ by, at: isoOf(atMs), reason });

const isoOf = (atMs: number): string => new Date(atMs).toISOString();
