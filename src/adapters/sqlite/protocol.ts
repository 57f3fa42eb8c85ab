import type { Approval, ApprovalChange, StandingApproval } from '../../core/approval.ts';
import type { OperatorRecord } from '../../core/operator.ts';
import type { Block, BlockKind, KeyRecord } from '../../ports/key-store.ts';

/** What the main thread asks of the key store's thread. Both ends are this program, so messages are typed and not parsed. */
export type Question = { readonly op: 'open' } | Read | { readonly op: 'write'; readonly write: Write };

export type Read =
  | { readonly op: 'find'; readonly id: string }
  | { readonly op: 'pulse'; readonly seen: string | undefined }
  | { readonly op: 'list' }
  | { readonly op: 'listBlocks' }
  | { readonly op: 'findOperator'; readonly id: string }
  | { readonly op: 'listOperators' }
  | { readonly op: 'findApproval'; readonly id: string }
  | { readonly op: 'listApprovals'; readonly newest: number };

export type Write =
  | { readonly op: 'create'; readonly record: KeyRecord }
  | { readonly op: 'revoke'; readonly id: string; readonly atMs: number }
  | { readonly op: 'block'; readonly block: Block }
  | { readonly op: 'unblock'; readonly kind: BlockKind; readonly value: string }
  | { readonly op: 'createOperator'; readonly record: OperatorRecord }
  | { readonly op: 'revokeOperator'; readonly id: string; readonly atMs: number }
  | { readonly op: 'requestApproval'; readonly approval: Approval }
  | { readonly op: 'stepApproval'; readonly id: string; readonly change: ApprovalChange };

export type Answer =
  | { readonly kind: 'record'; readonly record: KeyRecord | undefined; readonly version: string }
  | { readonly kind: 'records'; readonly records: readonly KeyRecord[] }
  | { readonly kind: 'blocks'; readonly blocks: readonly Block[] }
  | { readonly kind: 'operators'; readonly operators: readonly OperatorRecord[] }
  | { readonly kind: 'approvals'; readonly approvals: readonly Approval[] }
  | PulseAnswer
  | { readonly kind: 'done'; readonly found: boolean };

export interface PulseAnswer {
  readonly kind: 'pulse';
  /** Differs from every earlier one once anything was committed, by whomever, or another file was opened. */
  readonly version: string;
  /** Only where `version` is not the one already seen. */
  readonly blocks: readonly Block[] | undefined;
  /** As `blocks`. */
  readonly approvals: readonly StandingApproval[] | undefined;
}

export interface WorkerSettings {
  readonly path: string;
  /** How long a write waits for another process's transaction, milliseconds. */
  readonly writeWaitMs: number;
}
