import type { Readiness } from './admin/health-server.ts';
import type { Settings } from './config/settings.ts';
import type { Credentials } from './pipeline/credentials.ts';
import { pepperName } from './pipeline/ports.ts';
import type { KeyReader } from './ports/key-store.ts';
import type { TokenKeys } from './ports/token-keys.ts';

interface Parts {
  readonly settings: Settings;
  readonly keys: KeyReader;
  readonly credentials: Pick<Credentials, 'served'>;
  readonly tokenKeys: TokenKeys;
  readonly draining: boolean;
}

/**
 * Ready = decisions can be made and at least one provider can be called. A provider without its key is named not ready; the
 * others serve. Names only: a probe may be read by anyone.
 */
export function readinessOf(parts: Parts): Readiness {
  const providers = [...parts.settings.providers.values()].map((provider): readonly [string, boolean] => [
    `provider:${provider.name}`,
    provider.credential === undefined || parts.credentials.served(provider.name) !== undefined,
  ]);
  const issuers = [...parts.tokenKeys.readiness().values()];
  const required = {
    store: parts.keys.healthy(),
    pepper: parts.credentials.served(pepperName) !== undefined,
    serving: !parts.draining,
  };
  const anyProvider = providers.some(([, ready]) => ready);
  return {
    ready: Object.values(required).every(Boolean) && anyProvider,
    parts: { ...required, ...Object.fromEntries(providers), ...(issuers.length === 0 ? {} : { tokenKeys: issuers.every(Boolean) }) },
  };
}
