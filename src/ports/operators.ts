import type { OperatorRecord } from '../core/operator.ts';

/** Tokens of operators, always read from the store itself: a revoked one is refused at once. Every method throws `StoreError`. */
export interface OperatorStore {
  findOperator(id: string): Promise<OperatorRecord | undefined>;
  /** Oldest first. */
  listOperators(): Promise<readonly OperatorRecord[]>;
  /** Throws `StoreError` `refused` where the id is taken. */
  createOperator(record: OperatorRecord): Promise<void>;
  /** False where there is no such token. Revoking twice keeps the first time. */
  revokeOperator(id: string, atMs: number): Promise<boolean>;
}
