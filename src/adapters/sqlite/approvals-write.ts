import { approvalOpenMsMax, type Approval, type ApprovalChange } from '../../core/approval.ts';
import { never } from '../../core/assert.ts';
import { StoreError } from '../../ports/key-store.ts';
import { encodeRequest, encodeStep } from './approvals-rows.ts';
import { unreadable } from './columns.ts';
import type { Statements } from './statements.ts';

/** More than people can decide about. */
const openMax = 1_000;

/** Every process holds all of them in memory. */
const standingMax = 10_000;

/** Throws `StoreError` `refused` where too many requests are open. */
export function applyRequest(statements: Statements, approval: Approval): boolean {
  const open = countOf(statements.countOpen.get(approval.requested.atMs - approvalOpenMsMax));
  if (open >= openMax) {
    throw new StoreError('refused', new Error(`${String(openMax)} requests are open already: decide about some first`));
  }
  return statements.insertApproval.run(...encodeRequest(approval)).changes > 0;
}

/** False where the approval is not at the step before. */
export function applyStep(statements: Statements, id: string, change: ApprovalChange): boolean {
  switch (change.kind) {
    case 'granted': {
      if (countOf(statements.countStanding.get(change.atMs)) >= standingMax) {
        throw new StoreError('refused', new Error(`${String(standingMax)} approvals are in force already: approve teams instead of keys`));
      }
      return statements.grantApproval.run(...encodeStep(change), change.expiresAtMs, id).changes > 0;
    }
    case 'denied':
      return statements.denyApproval.run(...encodeStep(change), id).changes > 0;
    case 'revoked':
      return statements.revokeApproval.run(...encodeStep(change), id).changes > 0;
    default:
      return never(change);
  }
}

function countOf(row: Readonly<Record<string, unknown>> | undefined): number {
  const count = row?.['approvals'];
  if (typeof count !== 'number') {
    throw unreadable('approvals');
  }
  return count;
}
