import type { OpenGuards } from './adapters/guards/guards.ts';
import { openTokenKeys, type OpenTokenKeys } from './adapters/jwks/token-keys.ts';
import type { Log } from './adapters/telemetry/log.ts';
import type { Settings } from './config/settings.ts';
import { openSettingsGuards, readAuthorities } from './guards.ts';
import { openCredentials, type Credentials } from './pipeline/credentials.ts';
import type { DecisionSettings, Ports } from './pipeline/ports.ts';
import type { EntityFinder, Guards } from './ports/guard.ts';
import { prepareDecisions } from './prepare.ts';
import { credentialEntries, openSecretStores, type SecretStores } from './secrets.ts';

/** Everything that follows from the settings and can be replaced while exchanges are open. */
export interface Generation {
  readonly settings: Settings;
  readonly decisions: DecisionSettings;
  readonly credentials: Credentials;
  readonly tokenKeys: OpenTokenKeys;
  readonly guards: OpenGuards;
  readonly stores: SecretStores;
}

/** The settings in force. A reload replaces them whole or not at all. */
export interface Live {
  current(): Generation;
  /** The parts of the decision path that follow the settings in force. */
  readonly ports: Pick<Ports, 'settings' | 'credentials' | 'tokenKeys'>;
  readonly guards: Guards & EntityFinder;
  /** Puts `settings` in force; resolves to why not, where the old ones stay. */
  reload(settings: Settings): Promise<string | undefined>;
  close(): void;
}

/** A clock that never steps: a correction of the wall clock must not expire a key. */
const monotonic = (): number => performance.now();

/** `keyChanged` hears of every name whose served value may differ from before. */
export async function openLive(settings: Settings, log: Log, keyChanged: (name: string) => void): Promise<Live> {
  let generation = await openGeneration(settings, log);
  const follow = (): void => {
    generation.credentials.onChange((name, change) => {
      if (change.served) {
        keyChanged(name);
      }
    });
  };
  follow();
  return {
    current: () => generation,
    ports: {
      settings: () => generation.decisions,
      credentials: {
        served: (name) => generation.credentials.served(name),
        reject: (name) => {
          generation.credentials.reject(name);
        },
      },
      tokenKeys: {
        verify: async (token, claim, signal) => generation.tokenKeys.verify(token, claim, signal),
        readiness: () => generation.tokenKeys.readiness(),
      },
    },
    guards: {
      judge: async (names, question, signal) => generation.guards.judge(names, question, signal),
      find: async (name, texts, signal) => generation.guards.find(name, texts, signal),
    },
    async reload(next) {
      const before = generation;
      const fixed = changedFixedPart(before.settings, next);
      if (fixed !== undefined) {
        return `"${fixed}" changed, which needs a restart`;
      }
      const fresh = await openGeneration(next, log, before.tokenKeys);
      const lost = lostCredential(before, fresh);
      if (lost !== undefined) {
        closeGeneration(fresh);
        return `the credential ${lost} is served now but cannot be read anew`;
      }
      generation = fresh;
      follow();
      closeGeneration(before);
      for (const name of new Set([...before.settings.providers.keys(), ...next.providers.keys()])) {
        keyChanged(name);
      }
      return undefined;
    },
    close() {
      closeGeneration(generation);
    },
  };
}

async function openGeneration(settings: Settings, log: Log, tokenKeysBefore?: OpenTokenKeys): Promise<Generation> {
  // First, since it may throw: nothing is open then that would have to be closed.
  const authorities = readAuthorities(settings);
  const stores = openSecretStores(settings, (path) => {
    log.warn({ path }, 'everyone on this machine can read this secret file; chmod o-r');
  });
  const credentials = openCredentials({
    entries: credentialEntries(settings),
    sources: stores.sources,
    clock: monotonic,
    random: Math.random,
  });
  credentials.onChange((name, { phase, failure }) => {
    log[failure === undefined ? 'info' : 'warn']({ credential: name, phase, failure }, 'credential');
  });
  const guards = openSettingsGuards(settings, authorities, credentials);
  const tokenKeys = openTokenKeys({
    issuers: settings.identity.issuers,
    clock: monotonic,
    before: tokenKeysBefore,
    onRefresh: (issuer, refresh) => {
      log[refresh.kind === 'failed' ? 'warn' : 'info']({ issuer, refresh: refresh.kind }, 'token keys');
    },
  });
  await Promise.all([credentials.first(), tokenKeys.refresh()]);
  return { settings, decisions: prepareDecisions(settings), credentials, tokenKeys, guards, stores };
}

function closeGeneration(generation: Generation): void {
  generation.credentials.close();
  generation.tokenKeys.close();
  generation.guards.close();
  generation.stores.close();
}

/** What is bound to sockets, files and Envoy's own configuration stays as it was started. */
function changedFixedPart(before: Settings, after: Settings): string | undefined {
  const parts: readonly (readonly [string, (settings: Settings) => unknown])[] = [
    ['listen', (settings) => settings.listen],
    ['store', (settings) => settings.store],
    ['ledger', (settings) => settings.ledger],
    ['journals', (settings) => settings.journals],
    ['edge.chain', (settings) => settings.edge.chain],
    ['edge.bodyMax', (settings) => settings.edge.bodyMaxBytes],
    ['edge.timeouts.store', (settings) => settings.edge.storeTimeoutMs],
    ['log.level', (settings) => settings.logLevel],
  ];
  return parts.find(([, part]) => JSON.stringify(part(before)) !== JSON.stringify(part(after)))?.[0];
}

/** A reload while a secret store is away must not lose a good key that is held in memory. */
function lostCredential(before: Generation, after: Generation): string | undefined {
  const wanted = credentialEntries(after.settings).map((entry) => entry.name);
  return wanted.find((name) => before.credentials.served(name) !== undefined && after.credentials.served(name) === undefined);
}
