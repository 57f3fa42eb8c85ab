import type { Journal } from '../ports/journal.ts';
import { reasonOf } from '../ports/key-store.ts';
import { acceptedNote, encodeNote, journalNote, parseAccepted, parseReport, type Accepted, type Report } from '../ports/recovery-notes.ts';
import { isSameStore, type LedgerRecovery, type StoreChange, type StoreIdentity, type StoreLook } from '../ports/recovery.ts';
import { reportOf } from './journal-report.ts';

/** A process goes on within so much and one look at the store after the operator's word. */
const intervalMs = 500;
/** Holds that are told again without looking whether the store is still the same. */
const togetherMax = 1_000;

export interface RecoveryOptions {
  readonly ledger: LedgerRecovery;
  readonly journal: Pick<Journal, 'id' | 'contents' | 'know' | 'known'>;
  /** Of this process, for the operator. */
  readonly name: string;
  /** Hears of each step once. */
  readonly tell: (step: RecoveryStep) => void;
}

export type RecoveryStep =
  | { readonly kind: 'lost'; readonly change: StoreChange }
  | { readonly kind: 'restored'; readonly report: Report }
  | { readonly kind: 'went-on' }
  | { readonly kind: 'failed'; readonly reason: string };

export interface Recovery {
  /** True while nothing strict is admitted, because the store is not the one that is known. */
  isLost(): boolean;
  /** Resolves when what is under way is done. */
  close(): Promise<void>;
}

/**
 * Notices a store that has lost its memory, tells it again what this process's journal knows, and goes on once an operator has accepted what
 * is there.
 */
export function openRecovery(options: RecoveryOptions): Recovery {
  const { ledger, journal, tell } = options;
  let toldOf: StoreChange | undefined;
  let lastFailure = '';
  let underWay: Promise<void> | undefined;

  const step = async (): Promise<void> => {
    const change = ledger.change();
    if (change === undefined) {
      toldOf = undefined;
      remember(journal, ledger.known());
      return;
    }
    if (toldOf === undefined) {
      toldOf = change;
      tell({ kind: 'lost', change });
    }
    const look = await ledger.look();
    const accepted = acceptedFor(change, look);
    await restoreOnce(options, change, look, accepted);
    if (accepted !== undefined) {
      await ledger.adopt(look.now);
      remember(journal, ledger.known());
      toldOf = undefined;
      tell({ kind: 'went-on' });
    }
  };
  const attempt = async (): Promise<void> => {
    try {
      await step();
      lastFailure = '';
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== lastFailure) {
        lastFailure = reason;
        tell({ kind: 'failed', reason });
      }
    }
    underWay = undefined;
  };
  const turn = (): void => {
    underWay ??= attempt();
  };
  const timer = setInterval(turn, intervalMs).unref();
  turn();

  return {
    isLost: () => ledger.change() !== undefined,
    close: async () => {
      clearInterval(timer);
      await underWay;
    },
  };
}

function remember(journal: RecoveryOptions['journal'], store: StoreIdentity): void {
  const before = journal.known();
  if (before === undefined || !isSameStore(before, store)) {
    journal.know(store);
  }
}

/** The operator's word, where it is about this change. */
function acceptedFor({ before }: StoreChange, { now, notes }: StoreLook): Accepted | undefined {
  const accepted = parseAccepted(notes.get(acceptedNote));
  return accepted !== undefined && isSameStore(accepted.store, now) && accepted.succeeds.some((store) => isSameStore(store, before))
    ? accepted
    : undefined;
}

/** What was told again lies in the store as the report does: where that is gone, so are the holds. */
async function restoreOnce(
  { ledger, journal, name, tell }: RecoveryOptions,
  change: StoreChange,
  { now, nowMs, latestMs, notes }: StoreLook,
  accepted: Accepted | undefined,
): Promise<void> {
  const before = parseReport(notes.get(journalNote(journal.id)))?.before;
  if (before !== undefined && isSameStore(before, change.before)) {
    return;
  }
  // After the operator's word the store has another name, and its clock goes on.
  const sinceMs = accepted?.sinceMs ?? (change.kind === 'memory' ? 0 : latestMs);
  const contents = journal.contents(sinceMs === 0 ? 'all' : 'recent');
  for (let from = 0; from < contents.holds.length; from += togetherMax) {
    await ledger.restore(contents.holds.slice(from, from + togetherMax), sinceMs, now);
  }
  // Of what was before `sinceMs` nothing is lost.
  const coversFromMs = contents.coversFromMs <= sinceMs ? 0 : contents.coversFromMs;
  const report = reportOf({ ...contents, coversFromMs }, { name, before: change.before, sinceMs, atMs: nowMs });
  await ledger.note(journalNote(journal.id), encodeNote(report));
  tell({ kind: 'restored', report });
}
