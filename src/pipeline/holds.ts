import { never } from '../core/assert.ts';
import type { ReserveAnswer } from '../core/ledger/hold.ts';
import type { HoldEnd } from '../core/ledger/restore.ts';
import type { Amounts } from '../core/limit.ts';
import { fault, next, type Denied, type Faulted, type Next, type Outcome } from '../core/outcome.ts';
import type { CountedLimit } from '../policy/limits/counters.ts';
import type { CallerLimits } from '../policy/limits/caller-limits.ts';
import { limitReached } from '../policy/limits/refusal.ts';
import { StoreError } from '../ports/key-store.ts';
import { JournalError, type Journal } from '../ports/journal.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { Resolutions } from './resolutions.ts';
import type { StoreWait } from './store-wait.ts';

/** How long a hold outlives its sidecar. */
export const leaseMs = 30_000;
const heartbeatMs = 10_000;
/** A store that is away for longer than a lease less a heartbeat loses holds anyway: what they hold is then charged. */
const extendedAtOnceMax = 1_000;
const reapMs = 500;

/** What one request takes of the ledger while it runs. Every hold is resolved exactly once; the first word counts. */
export interface Hold {
  readonly id: string;
  readonly amounts: Amounts;
  /** Charges the true figures. */
  settle(amounts: Amounts): void;
  /** Nothing was sent to a provider: everything is taken back. */
  cancel(): void;
}

export interface HoldQuestion {
  readonly under: Pick<CallerLimits, 'limits' | 'counters' | 'account' | 'days'>;
  readonly amounts: Amounts;
}

export interface Holds {
  /**
   * Denied where a limit has no room. Undefined = the store is away, and every limit lets requests through then. `wait` is what the
   * exchange may still wait for stores; without it the ledger's own deadline counts alone.
   */
  take(question: HoldQuestion, wait?: Pick<StoreWait, 'for'>): Promise<Outcome<Hold | undefined>>;
  /** Of this process, not resolved yet. */
  open(): number;
  /** Resolutions that the store has not acknowledged. */
  unacknowledged(): number;
  /** Stops heartbeats; resolves when the store knows every resolution, after `graceMs` at the latest. */
  close(graceMs: number): Promise<void>;
}

export interface HoldsOptions {
  readonly ledger: Ledger;
  /** Undefined where nothing is to outlive this process. */
  readonly journal?: typeof noJournal;
  readonly telemetry: Pick<Telemetry, 'hold' | 'limitReached'>;
  readonly newId: () => string;
}

const noJournal: Pick<Journal, 'held' | 'ended' | 'acknowledged' | 'unacknowledged'> = {
  held: () => Promise.resolve(),
  ended: () => undefined,
  acknowledged: () => undefined,
  unacknowledged: () => new Map(),
};

const ownDeadline: Pick<StoreWait, 'for'> = { for: (answer) => answer };

/** The holds of this process: taken before a request is released, kept alive while it runs, resolved when it is over. */
export function openHolds({ ledger, journal = noJournal, telemetry, newId }: HoldsOptions): Holds {
  const open = new Set<string>();
  const resolutions = new Resolutions(ledger, journal);
  for (const [id, end] of journal.unacknowledged()) {
    resolutions.again(id, end);
  }
  const stopHeartbeat = every(heartbeatMs, () => extendAll(ledger, [...open]));
  const stopReaping = every(reapMs, () => ledger.reap());
  return {
    async take(question, wait = ownDeadline) {
      const id = newId();
      const { under, amounts } = question;
      const { limits, counters, account, days } = under;
      try {
        const answer = await wait.for(ledger.reserve({ id, counters, amounts, account, days, leaseMs }));
        if (answer.kind === 'granted') {
          // Before the request is released: a store that loses its memory is told of it.
          await journal.held({ id, counters, amounts, account, days, atMs: answer.atMs });
        }
        return noted(telemetry, answer.kind === 'granted' ? next(holdOf({ id, amounts }, open, resolutions)) : refusalBy(answer, limits));
      } catch (error) {
        if (!(error instanceof StoreError || error instanceof JournalError)) {
          throw error;
        }
        // The store may have taken the hold all the same, and nobody is going to use it.
        resolutions.add(id, 'cancel');
        const isOptional = limits.every(({ limit }) => limit.rule.storeAway === 'allow');
        return noted(telemetry, isOptional ? next(undefined) : fault('limits', 'store', detailOf(error)));
      }
    },
    open: () => open.size,
    unacknowledged: () => resolutions.size(),
    async close(graceMs) {
      stopHeartbeat();
      stopReaping();
      await resolutions.close(graceMs);
    },
  };
}

/** The key store's errors are of the same kind: this one is the ledger's. */
const detailOf = (error: StoreError | JournalError): string =>
  error instanceof StoreError ? `ledger: ${error.code}` : `journal: ${error.message}`;

function holdOf({ id, amounts }: Pick<Hold, 'id' | 'amounts'>, open: Set<string>, resolutions: Resolutions): Hold {
  const resolve = (resolution: HoldEnd): void => {
    if (open.delete(id)) {
      resolutions.add(id, resolution);
    }
  };
  open.add(id);
  return {
    id,
    amounts,
    settle: resolve,
    cancel: () => {
      resolve('cancel');
    },
  };
}

/** Only a limit without room is a denial: whatever else the store says, it could not tell. */
function refusalBy(answer: Exclude<ReserveAnswer, { kind: 'granted' }>, limits: readonly CountedLimit[]): LimitDenied | Faulted {
  switch (answer.kind) {
    case 'refused': {
      const short = limits[answer.shortage.index];
      return short === undefined
        ? fault('limits', 'store', 'the store refused a limit that was not asked about')
        : { ...limitReached(short, answer.shortage), limit: short };
    }
    case 'clock':
      return fault('limits', 'store', 'the clocks of the store and of this machine disagree by more than a budget period');
    case 'ended':
      return fault('limits', 'store', 'the hold was resolved before it was taken');
    default:
      return never(answer);
  }
}

/** A denial that knows which limit it is about. */
type LimitDenied = Denied & { readonly limit: CountedLimit };
type Taken = Next<Hold | undefined> | LimitDenied | Faulted;

function noted(telemetry: HoldsOptions['telemetry'], outcome: Taken): Outcome<Hold | undefined> {
  switch (outcome.kind) {
    case 'next':
      telemetry.hold(outcome.found === undefined ? 'uncounted' : 'granted');
      return outcome;
    case 'deny':
      telemetry.hold('refused');
      telemetry.limitReached(outcome.limit.limit.rule.kind, outcome.limit.limit.level);
      return { kind: 'deny', denial: outcome.denial };
    case 'fault':
      telemetry.hold('unavailable');
      return outcome;
    default:
      return never(outcome);
  }
}

async function extendAll(ledger: Ledger, ids: readonly string[]): Promise<void> {
  for (let from = 0; from < ids.length; from += extendedAtOnceMax) {
    await ledger.extend(ids.slice(from, from + extendedAtOnceMax), leaseMs);
  }
}

/** One at a time; a failure is made good by the next one. */
function every(intervalMs: number, work: () => Promise<unknown>): () => void {
  let isBusy = false;
  const free = (): void => {
    isBusy = false;
  };
  const timer = setInterval(() => {
    if (!isBusy) {
      isBusy = true;
      work().then(free, free);
    }
  }, intervalMs).unref();
  return () => {
    clearInterval(timer);
  };
}
