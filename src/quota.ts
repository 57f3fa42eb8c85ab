import { randomUUID } from 'node:crypto';
import type { Metrics } from './adapters/telemetry/metrics.ts';
import type { Settings } from './config/settings.ts';
import { fault } from './core/outcome.ts';
import { openLedger, type OpenLedger } from './ledger.ts';
import { openHolds, type Holds } from './pipeline/holds.ts';
import type { LimitTables } from './policy/limits/applicable.ts';
import type { Telemetry } from './ports/telemetry.ts';

const idTimeCharacters = 9;

/** Unguessable, and in the order of time: neighbours then lie on the same pages of an index. */
const holdId = (): string => `${Date.now().toString(36).padStart(idTimeCharacters, '0')}${randomUUID()}`;

/** For settlements of the last exchanges to be acknowledged. */
const closeMsMax = 5_000;

/** The ledger and the holds of this process. Opened with the first settings that limit anything: until then it costs nothing. */
export interface Quota {
  readonly holds: Pick<Holds, 'take'>;
  /** Opens the ledger where these limits need it. Throws where it cannot be opened. */
  prepare(settings: Settings, limits: LimitTables): Promise<void>;
  measure(metrics: Metrics): void;
  /** True where holds can be taken, or none are needed. */
  ready(): boolean;
  close(): Promise<void>;
}

export function openQuota(telemetry: Pick<Telemetry, 'hold' | 'limitReached'>): Quota {
  let open: { readonly ledger: OpenLedger; readonly holds: Holds } | undefined;
  return {
    holds: {
      take: async (question) => (open === undefined ? fault('limits', 'store', 'the ledger is not open') : open.holds.take(question)),
    },
    async prepare(settings, limits) {
      if (open === undefined && limits.any) {
        const ledger = await openLedger(settings);
        open = { ledger, holds: openHolds({ ledger, telemetry, newId: holdId }) };
      }
    },
    measure(metrics) {
      metrics.ledgerHealthy.set(open === undefined || open.ledger.healthy() ? 1 : 0);
      metrics.holdsOpen.set(open?.holds.open() ?? 0);
      metrics.resolutionsWaiting.set(open?.holds.unacknowledged() ?? 0);
    },
    ready: () => open === undefined || open.ledger.healthy(),
    async close() {
      await open?.holds.close(closeMsMax);
      await open?.ledger.close();
    },
  };
}
