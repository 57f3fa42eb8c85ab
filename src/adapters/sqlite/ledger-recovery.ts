import { mustBeRestorable } from '../../core/ledger/restore.ts';
import { StoreError } from '../../ports/key-store.ts';
import type { LedgerRecovery, StoreIdentity } from '../../ports/recovery.ts';
import { sharedMonotonicMs } from './conversation.ts';
import type { Health } from './ledger-health.ts';
import type { LedgerLink, LedgerMemory } from './ledger-memory.ts';

/** Holds that are told again in one transaction: other processes wait meanwhile. */
const togetherMax = 100;

export interface RecoveryOptions {
  readonly link: LedgerLink;
  readonly memory: LedgerMemory;
  readonly health: Health;
  /** What each question waits, milliseconds. */
  readonly waitMs: number;
}

const identityOf = (epoch: string | undefined): StoreIdentity => ({ epoch, runId: '' });

/** What is done with a file that is another one than before. */
export function openRecovery({ link, memory, health, waitMs }: RecoveryOptions): LedgerRecovery {
  const mustBe = async (store: StoreIdentity): Promise<void> => {
    const { epoch } = await link.ask('epoch', { op: 'epoch' }, waitMs);
    if (epoch !== store.epoch) {
      throw new StoreError('refused', new Error('the ledger has changed again: look at it once more before it is accepted'));
    }
  };
  return {
    known: () => identityOf(memory.epoch()),
    change: () => {
      const seen = health.seen();
      const known = memory.epoch();
      return seen === undefined || seen === known ? undefined : { kind: 'memory', before: identityOf(known), now: identityOf(seen) };
    },
    look: async () => {
      const { epoch, latestMs, nowMs, notes } = await link.ask('look', { op: 'look' }, waitMs);
      return { now: identityOf(epoch), latestMs, nowMs, notes: new Map(notes) };
    },
    restore: async (holds, sinceMs, seen) => {
      holds.forEach(mustBeRestorable);
      for (let from = 0; from < holds.length; from += togetherMax) {
        const some = holds.slice(from, from + togetherMax);
        const giveUpAtMs = sharedMonotonicMs() + waitMs;
        await link.ask('count', { op: 'restore', holds: some, sinceMs, epoch: seen.epoch ?? '', giveUpAtMs }, waitMs);
      }
    },
    note: async (name, text) => {
      const { epoch } = await link.ask('epoch', { op: 'epoch' }, waitMs);
      await link.ask('count', { op: 'note', name, text, epoch, giveUpAtMs: sharedMonotonicMs() + waitMs }, waitMs);
    },
    // A file keeps its name: which one is meant is said by the note.
    begin: async (seen) => {
      await mustBe(seen);
      return seen;
    },
    adopt: async (now) => {
      await mustBe(now);
      memory.adopt(now.epoch ?? '');
      await health.look(waitMs);
    },
  };
}
