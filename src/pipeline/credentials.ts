import { must } from '../core/assert.ts';
import type { Clock } from '../core/clock.ts';
import type { Secret } from '../core/secret.ts';
import type { CredentialPhase } from '../policy/credential-state.ts';
import type { SecretReference, SecretSource } from '../ports/secret-source.ts';
import { openKeeper, type CredentialChange, type CredentialKeeper } from './credential-keeper.ts';
import type { Schedule } from './credential-refresh.ts';

export interface CredentialEntry {
  /** The provider, or whatever else has one secret (the pepper of virtual keys). */
  readonly name: string;
  readonly reference: SecretReference;
  readonly refreshMs: number;
  readonly overlapMs: number;
}

export interface CredentialsOptions {
  readonly entries: readonly CredentialEntry[];
  /** By the store's name in references; each store that an entry names must be there. */
  readonly sources: ReadonlyMap<string, SecretSource>;
  /** Only differences are used: a monotonic clock keeps a step of the wall clock from expiring every key. */
  readonly clock: Clock;
  /** Uniform in [0, 1), for the jitter. */
  readonly random: () => number;
  readonly schedule?: Schedule;
  readonly maxStaleMs?: number;
  readonly fetchTimeoutMs?: number;
}

/** What may be shown of a credential: everything but its value. */
export interface CredentialStatus {
  readonly name: string;
  readonly phase: CredentialPhase;
  /** True where a value is served. */
  readonly ready: boolean;
  /** Milliseconds since the store last answered; undefined = never. */
  readonly ageMs: number | undefined;
  /** The version served now. */
  readonly version: string | undefined;
  /** `SecretError` code of the last attempt, or `internal`; undefined where it succeeded. */
  readonly failure: string | undefined;
}

export type CredentialListener = (name: string, change: CredentialChange) => void;

export interface Credentials {
  /** The value to use this instant; undefined = none, which denies. Never waits. */
  served(name: string): Secret | undefined;
  /** The version of what `served` gives, to name in `reject`. */
  servedVersion(name: string): string | undefined;
  /** Called after each change of any entry; several consumers may listen. Returns how to stop. */
  onChange(listener: CredentialListener): () => void;
  /** A provider answered 401 or 403 to `version`; without one, to what has been served for the last 3 s. */
  reject(name: string, version?: string): void;
  /** Never serve `version`, or any version held now, again. */
  revoke(name: string, version?: string): void;
  status(): readonly CredentialStatus[];
  /** Asks the store now; joins an attempt that is under way. Resolves when `served` reflects the answer, also where there was none. */
  refreshNow(name: string): Promise<void>;
  /** Resolves when each entry has been tried once, at the latest 3 s after the call. */
  first(): Promise<void>;
  close(): void;
}

const maxStaleMsDefault = 24 * 3_600_000;
const fetchTimeoutMsDefault = 2_000;
const firstMsMax = 3_000;

const systemSchedule: Schedule = (delayMs, run) => {
  const timer = setTimeout(run, delayMs).unref();
  return () => {
    clearTimeout(timer);
  };
};

/** Starts to fetch every entry and keeps each fresh until `close`. Listeners must not throw. */
export function openCredentials(options: CredentialsOptions): Credentials {
  const schedule = options.schedule ?? systemSchedule;
  const listeners = new Set<CredentialListener>();
  const keepers = openKeepers({ ...options, schedule }, (name, change) => {
    for (const listener of listeners) {
      listener(name, change);
    }
  });
  const attempts = Promise.all([...keepers.values()].map((keeper) => keeper.refresh()));

  return {
    served: (name) => keepers.get(name)?.judge().served?.value,
    servedVersion: (name) => keepers.get(name)?.judge().served?.version,
    onChange: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    reject: (name, version) => {
      keepers.get(name)?.apply({ kind: 'rejected', version });
    },
    revoke: (name, version) => {
      keepers.get(name)?.apply({ kind: 'revoked', version });
    },
    status: () => [...keepers].map(([name, keeper]) => describe(name, keeper)),
    refreshNow: async (name) => {
      await keepers.get(name)?.refresh();
    },
    first: () => bounded(attempts, firstMsMax, schedule),
    close: () => {
      for (const keeper of keepers.values()) {
        keeper.close();
      }
      listeners.clear();
    },
  };
}

function openKeepers(
  options: CredentialsOptions & { readonly schedule: Schedule },
  changed: CredentialListener,
): ReadonlyMap<string, CredentialKeeper> {
  const keepers = new Map<string, CredentialKeeper>();
  const { clock, random, schedule, maxStaleMs = maxStaleMsDefault, fetchTimeoutMs = fetchTimeoutMsDefault } = options;
  for (const { name, reference, refreshMs, overlapMs } of options.entries) {
    const source = options.sources.get(reference.store);
    must(source !== undefined, `secret store ${reference.store} is open`);
    must(!keepers.has(name), `credential ${name} is listed once`);
    const own = { reference, source, refreshMs, overlapMs, changed: (change: CredentialChange): void => changed(name, change) };
    keepers.set(name, openKeeper({ clock, random, schedule, maxStaleMs, fetchTimeoutMs, ...own }));
  }
  return keepers;
}

async function bounded(work: Promise<unknown>, timeoutMs: number, schedule: Schedule): Promise<void> {
  const bound = Promise.withResolvers<undefined>();
  const cancel = schedule(timeoutMs, () => {
    bound.resolve(undefined);
  });
  await Promise.race([work, bound.promise]);
  cancel();
}

function describe(name: string, keeper: CredentialKeeper): CredentialStatus {
  const { phase, served } = keeper.judge();
  return { name, phase, ready: served !== undefined, ageMs: keeper.ageMs(), version: served?.version, failure: keeper.failure() };
}
