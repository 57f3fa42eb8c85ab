import type { Approval, ApprovalChange, StandingApproval } from '../core/approval.ts';
import type { Eventually } from '../core/eventually.ts';

/**
 * What decisions read. Answers are at most 2 s old, so a revocation is last overlooked well inside 5 s. Throws `StoreError`, or its promise
 * does, where the answer is unknown; "unknown" is never "approved".
 */
export interface ApprovalReader {
  /** Approvals that were granted and not revoked. Some may have expired: whoever decides looks at the time. */
  approvals(): Eventually<readonly StandingApproval[]>;
}

/** What the admin API reads and writes, always from the store itself. Every write is durable when its promise resolves. */
export interface ApprovalStore {
  findApproval(id: string): Promise<Approval | undefined>;
  /** The newest 1,000, oldest first. */
  listApprovals(): Promise<readonly Approval[]>;
  /** Throws `StoreError` `refused` where the id is taken, or where too many requests are open. */
  requestApproval(approval: Approval): Promise<void>;
  /**
   * Adds the step. False where there is no such approval, or it is not at the step before (any more): of two operators who decide at once
   * one is first. Throws `StoreError` `refused` for a grant by the very operator who asked, whatever was judged before.
   */
  stepApproval(id: string, change: ApprovalChange): Promise<boolean>;
}
