import { sharedMonotonicMs } from './conversation.ts';
import type { LedgerAnswer, LedgerChange, LedgerQuestion } from './ledger-protocol.ts';
import type { Given, Link } from './link.ts';

/** Of the time given, what a change may spend on waiting for its turn: the rest is for the way of its answer. */
const turnShare = 0.8;

export type LedgerLink = Link<LedgerQuestion, LedgerAnswer>;

/** Which memory of the ledger is dealt with: each change names it, and another one is not changed. */
export interface LedgerMemory {
  /** Asks for the epoch; from then on changes are for that memory. Throws `StoreError`. */
  meet(op: 'open' | 'epoch', waitMs: number): Promise<string>;
  /** As it was last told. */
  epoch(): string;
  /** From now on changes are for this memory. */
  adopt(epoch: string): void;
  /** Throws `StoreError`. */
  change<Kind extends LedgerAnswer['kind']>(kind: Kind, change: LedgerChange, waitMs: number): Promise<Given<LedgerAnswer, Kind>>;
}

export function openLedgerMemory(link: LedgerLink): LedgerMemory {
  let told = '';
  return {
    meet: async (op, waitMs) => {
      const { epoch } = await link.ask('epoch', { op }, waitMs);
      told = epoch;
      return epoch;
    },
    epoch: () => told,
    adopt: (epoch) => {
      told = epoch;
    },
    change: (kind, change, waitMs) =>
      link.ask(kind, { ...change, epoch: told, giveUpAtMs: sharedMonotonicMs() + waitMs * turnShare }, waitMs),
  };
}
