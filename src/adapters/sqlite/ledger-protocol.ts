import type { HoldRequest, ReserveAnswer, SettleAnswer } from '../../core/ledger/hold.ts';
import type { RestoredHold } from '../../core/ledger/restore.ts';
import type { Amounts, Counter } from '../../core/limit.ts';
import type { Spending, Usage } from '../../ports/ledger.ts';

/** What the main thread asks of the ledger's thread. Both ends are this program, so messages are typed and not parsed. */
export type LedgerQuestion =
  | { readonly op: 'open' }
  | { readonly op: 'epoch' }
  | { readonly op: 'look' }
  | { readonly op: 'openHolds' }
  | { readonly op: 'usage'; readonly counters: readonly Counter[] }
  | { readonly op: 'spending'; readonly fromDay: string; readonly toDay: string }
  | LedgerWrite;

export type LedgerWrite = LedgerChange & {
  /** What the main thread knows the ledger by: another memory than this is not changed. */
  readonly epoch: string;
  /** By the clock that all threads share: nobody waits for the answer any more, and the change is not made. */
  readonly giveUpAtMs: number;
};

export type LedgerChange =
  | { readonly op: 'reserve'; readonly request: HoldRequest }
  | { readonly op: 'extend'; readonly ids: readonly string[]; readonly leaseMs: number }
  | { readonly op: 'settle'; readonly id: string; readonly amounts: Amounts }
  | { readonly op: 'cancel'; readonly id: string }
  | { readonly op: 'reap' }
  | { readonly op: 'restore'; readonly holds: readonly RestoredHold[]; readonly sinceMs: number }
  | { readonly op: 'note'; readonly name: string; readonly text: string };

export type LedgerAnswer =
  | { readonly kind: 'epoch'; readonly epoch: string }
  | {
      readonly kind: 'look';
      readonly epoch: string;
      readonly latestMs: number;
      readonly nowMs: number;
      readonly notes: readonly (readonly [name: string, text: string])[];
    }
  | { readonly kind: 'reserved'; readonly answer: ReserveAnswer }
  | { readonly kind: 'finished'; readonly answer: SettleAnswer }
  | { readonly kind: 'ids'; readonly ids: readonly string[] }
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'usage'; readonly usage: readonly Usage[] }
  | { readonly kind: 'spending'; readonly lines: readonly Spending[] };

export interface LedgerWorkerSettings {
  readonly path: string;
  /** For tests: 8 bytes with the milliseconds since the epoch that stand for the machine's clock. */
  readonly clock: SharedArrayBuffer | undefined;
  /** How many changes of the log the tables may be behind. */
  readonly foldAfter?: number | undefined;
}
