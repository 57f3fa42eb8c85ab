import { hostname } from 'node:os';
import { join } from 'node:path';
import { openJournal } from './adapters/journal/journal.ts';
import { lockJournal } from './adapters/journal/lock.ts';
import type { Log } from './adapters/telemetry/log.ts';
import type { Metrics } from './adapters/telemetry/metrics.ts';
import type { Settings } from './config/settings.ts';
import { never } from './core/assert.ts';
import { systemClock } from './core/clock.ts';
import { fault } from './core/outcome.ts';
import { newHoldId } from './hold-id.ts';
import { isAway, openLateLedger, type LateLedger } from './late-ledger.ts';
import { openLedger, type OpenLedger } from './ledger.ts';
import { openHolds, type Holds } from './pipeline/holds.ts';
import { openRecovery, type Recovery, type RecoveryStep } from './pipeline/recovery.ts';
import type { LimitTables } from './policy/limits/applicable.ts';
import { hasOptionalLimit } from './prepare.ts';
import type { Journal } from './ports/journal.ts';
import type { Telemetry } from './ports/telemetry.ts';

/** For settlements of the last exchanges to be acknowledged. */
const closeMsMax = 5_000;

/** The ledger and the holds of this process. Opened with the first settings that limit anything: until then it costs nothing. */
export interface Quota {
  readonly holds: Pick<Holds, 'take'>;
  /** Opens the ledger where these limits need it. Throws where it cannot be opened. */
  prepare(settings: Settings, limits: LimitTables): Promise<void>;
  measure(metrics: Metrics): void;
  close(): Promise<void>;
}

export interface QuotaOptions {
  readonly telemetry: Pick<Telemetry, 'hold' | 'limitReached'>;
  readonly log: Pick<Log, 'info' | 'error' | 'warn'>;
  /** Which process of the settings this is: each has a journal of its own. */
  readonly instance: number;
}

interface Open {
  readonly ledger: LateLedger;
  readonly journal: Journal;
  readonly holds: Holds;
  /** Undefined until the ledger is there. */
  readonly recovery: () => Recovery | undefined;
}

export function openQuota({ telemetry, log, instance }: QuotaOptions): Quota {
  let open: Open | undefined;
  return {
    holds: {
      take: async (question, wait) =>
        open === undefined ? fault('limits', 'store', 'the ledger is not open') : open.holds.take(question, wait),
    },
    async prepare(settings, limits) {
      if (open === undefined && limits.any) {
        const journal = openOwnJournal(journalPath(settings, instance));
        let recovery: Recovery | undefined;
        const ledger = await openNowOrLater(settings, journal, log, (found) => {
          const name = `${hostname()} instance ${String(instance)}`;
          recovery = openRecovery({ ledger: found, journal, name, tell: (step) => logStep(log, step) });
        });
        const holds = openHolds({ ledger, journal, telemetry, newId: () => newHoldId(systemClock) });
        open = { ledger, journal, holds, recovery: () => recovery };
      }
    },
    measure(metrics) {
      metrics.ledgerHealthy.set(open === undefined || open.ledger.healthy() ? 1 : 0);
      metrics.ledgerLost.set(open?.recovery()?.isLost() === true ? 1 : 0);
      metrics.journalHealthy.set(open === undefined || open.journal.healthy() ? 1 : 0);
      metrics.holdsOpen.set(open?.holds.open() ?? 0);
      metrics.resolutionsWaiting.set(open?.holds.unacknowledged() ?? 0);
    },
    async close() {
      await open?.recovery()?.close();
      await open?.holds.close(closeMsMax);
      await open?.ledger.close();
      open?.journal.close();
    },
  };
}

/** A journal that no other process writes, or opens, until it is closed. */
function openOwnJournal(path: string): Journal {
  const lock = lockJournal(path);
  try {
    const journal = openJournal({ path, clock: systemClock });
    const close = (): void => {
      journal.close();
      lock.release();
    };
    return { ...journal, close };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** A process that some limits let serve without their store does not wait for it; any other does not start. */
async function openNowOrLater(
  settings: Settings,
  journal: Journal,
  log: QuotaOptions['log'],
  opened: (ledger: OpenLedger) => void,
): Promise<LateLedger> {
  const open = (): Promise<OpenLedger> => openLedger(settings, journal.known());
  try {
    const ledger = await open();
    opened(ledger);
    return ledger;
  } catch (error) {
    if (isAway(error) && hasOptionalLimit(settings)) {
      return openLateLedger({
        open,
        opened: (ledger) => {
          log.info('the ledger is there: limits are counted');
          opened(ledger);
        },
        because: error,
        failed: (reason) => {
          log.error(
            { reason },
            'the ledger is away: limits with "storeAway: allow" let requests through uncounted, others refuse them; it is tried again',
          );
        },
      });
    }
    journal.close();
    throw error;
  }
}

const journalPath = ({ journals }: Settings, instance: number): string => join(journals, `journal-${String(instance)}.jsonl`);

function logStep(log: QuotaOptions['log'], step: RecoveryStep): void {
  switch (step.kind) {
    case 'lost':
      log.error(
        { change: step.change.kind },
        'the ledger is not the store it was: nothing strict is admitted until "sallyport usage restore" or "sallyport usage accept"',
      );
      return;
    case 'restored':
      log.warn({ holds: step.report.holds }, 'the journal of this process was told to the ledger again');
      return;
    case 'went-on':
      log.info('the ledger was accepted as it is: requests are admitted again');
      return;
    case 'failed':
      log.error({ reason: step.reason }, 'the ledger could not be restored yet; it is tried again');
      return;
    default:
      never(step);
  }
}
