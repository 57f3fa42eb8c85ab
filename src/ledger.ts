import { readFileSync } from 'node:fs';
import { openSqliteLedger } from './adapters/sqlite/ledger-store.ts';
import { RefusedError } from './cli/arguments.ts';
import type { Settings } from './config/settings.ts';
import type { Secret } from './core/secret.ts';
import type { Ledger } from './ports/ledger.ts';
import type { LedgerRecovery, StoreIdentity } from './ports/recovery.ts';
import { openSecretStores, secretReference } from './secrets.ts';

export interface OpenLedger extends Ledger, LedgerRecovery {
  /** False while holds cannot be taken. */
  healthy(): boolean;
  close(): Promise<void>;
}

/** A secret store that hangs must not hang the start. */
const secretMsMax = 10_000;

/** The ledger that the settings name, open. `known`: what this process counted on when it last ran. Throws `StoreError`, `SecretError`, and `RefusedError` where a password is missing. */
export async function openLedger(settings: Settings, known?: StoreIdentity): Promise<OpenLedger> {
  const { ledger } = settings;
  const reserveWaitMs = settings.edge.storeTimeoutMs;
  if (ledger.kind === 'embedded') {
    return openSqliteLedger({ path: ledger.path, reserveWaitMs, ...(known !== undefined && { known }) });
  }
  // Its client is loaded only where it is used.
  const { openRedisLedger } = await import('./adapters/redis/ledger.ts');
  const stores = openSecretStores(settings, () => undefined);
  try {
    const read = async (key: string, reference: string | undefined): Promise<Secret | undefined> => {
      if (reference === undefined) {
        return undefined;
      }
      const parsed = secretReference(reference);
      const answer = await stores.sources.get(parsed.store)?.fetch(parsed, AbortSignal.timeout(secretMsMax));
      if (answer?.kind !== 'found') {
        throw new RefusedError(`the password of the ledger is not at ${reference}: put it there, or correct ${key}`);
      }
      return answer.current.value;
    };
    const [password, sentinelPassword] = [
      await read('ledger.password', ledger.password),
      await read('ledger.sentinelPassword', ledger.sentinelPassword),
    ];
    return await openRedisLedger({
      url: ledger.url,
      domain: ledger.domain,
      reserveWaitMs,
      ...(known !== undefined && { known }),
      ...(password === undefined ? {} : { password }),
      ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
      ...(ledger.ca === undefined ? {} : { ca: readFileSync(ledger.ca, 'utf8') }),
    });
  } finally {
    stores.close();
  }
}
