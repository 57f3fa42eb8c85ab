import { randomBytes } from 'node:crypto';
import type { KeyStore } from './adapters/sqlite/key-store.ts';
import type { Log } from './adapters/telemetry/log.ts';
import { openAdminServer } from './admin/admin-server.ts';
import type { AdminRecord } from './admin/admin-source.ts';
import type { Settings } from './config/settings.ts';
import { systemClock } from './core/clock.ts';
import { openLedger, type OpenLedger } from './ledger.ts';
import type { Live } from './live.ts';
import { openPepperMac } from './pipeline/pepper-mac.ts';
import { openMac } from './policy/mac.ts';
import type { Ledger } from './ports/ledger.ts';

export interface Admin {
  close(): Promise<void>;
}

interface Parts {
  readonly live: Live;
  readonly keys: KeyStore;
  readonly log: Log;
}

/** The admin API of this process, at `path`; there is none where the settings name no socket for it. */
export async function openAdmin(path: string | undefined, { live, keys, log }: Parts): Promise<Admin> {
  if (path === undefined) {
    return { close: () => Promise.resolve() };
  }
  const tokenMac = openPepperMac('admin', (pepper) => openMac(pepper.reveal()));
  const statement = openStatement(() => live.current().settings);
  const server = await openAdminServer(path, {
    store: keys,
    ledger: statement,
    digest: (token) => {
      const mac = tokenMac(live.ports.credentials);
      return mac.kind === 'next' ? mac.found(token, 'hex') : undefined;
    },
    settings: () => live.current().settings,
    clock: systemClock,
    randomBytes,
    record: (call) => {
      log[call.outcome === 'done' ? 'info' : 'warn'](fieldsOf(call), 'admin');
    },
  });
  return {
    close: async () => {
      await server.close();
      await statement.close();
    },
  };
}

const fieldsOf = ({ operator, token, action, target, outcome, detail, status }: AdminRecord) => ({
  operator,
  token,
  action,
  target,
  outcome,
  detail,
  status,
});

/** The ledger once more, from the first report on: a long one must not stand in the way of holds. */
function openStatement(settings: () => Settings): Pick<Ledger, 'spending'> & Admin {
  let opening: Promise<OpenLedger> | undefined;
  const open = (): Promise<OpenLedger> => {
    opening ??= openLedger(settings()).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  return {
    spending: async (fromDay, toDay) => (await open()).spending(fromDay, toDay),
    close: async () => {
      await (await opening?.catch(() => undefined))?.close();
    },
  };
}
