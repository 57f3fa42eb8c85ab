import { openKeyStore, type KeyStore } from './adapters/sqlite/key-store.ts';
import { openLog, type OpenLog } from './adapters/telemetry/log.ts';
import { openMetrics, type Metrics } from './adapters/telemetry/metrics.ts';
import { openTelemetry } from './adapters/telemetry/telemetry.ts';
import { openTokenCounter, type OpenTokenCounter } from './adapters/tokenizer/token-counter.ts';
import { openAdmin } from './admin.ts';
import { openHealthServer, type HealthServer } from './admin/health-server.ts';
import { grpcMessageBytes } from './config/buffers.ts';
import type { GrpcListener, HostPort, Settings } from './config/settings.ts';
import { must } from './core/assert.ts';
import { openCalendar } from './core/calendar.ts';
import { systemClock } from './core/clock.ts';
import type { Vocabulary } from './core/vocabulary.ts';
import { countedGuards } from './guards.ts';
import { openLive, type Live } from './live.ts';
import { abortBlocked } from './pipeline/abort-blocked.ts';
import { openBodyPool, type BodyPool } from './pipeline/body-pool.ts';
import { openBodyWorkers } from './pipeline/body-workers.ts';
import type { Ports } from './pipeline/ports.ts';
import { openSeals } from './pipeline/seals.ts';
import { prepareLimits } from './prepare.ts';
import { openQuota, type Quota } from './quota.ts';
import { readinessOf } from './readiness.ts';
import { authorizationService } from './wire/authz-service.ts';
import { AUTHORIZATION, EXTERNAL_PROCESSOR, HEALTH, SECRET_DISCOVERY } from './wire/services.ts';
import { openServing, type Serving } from './wire/health-service.ts';
import { externalProcessorService } from './wire/proc-service.ts';
import { secretDiscoveryService, type SdsService } from './wire/sds-service.ts';
import { openGrpcServer } from './wire/server.ts';

export interface Sidecar {
  /** Puts new settings in force while streams go on; what is wrong with them is logged, and the old ones stay. */
  reload(read: () => Settings): Promise<void>;
  /** Resolves when the sidecar has drained (or cut what was left) and let go of everything; true where no stream was cut. */
  drain(): Promise<boolean>;
  /** Port of the health listener, and of TCP gRPC listeners (0 for sockets). */
  readonly ports: { readonly health: number; readonly grpc: number; readonly sds: number };
}

/** Envoy's health checks come every second; only after one has failed do new requests go elsewhere. */
const healthCheckMs = 2_500;
const gaugesMs = 1_000;
/** A question names secrets, no more. */
const sdsMessageBytesMax = 1_048_576;

/** What is opened once and stays until the end. */
interface Parts extends OpenLog {
  readonly metrics: Metrics;
  readonly keys: KeyStore;
  readonly bodies: BodyPool;
  readonly tokens: OpenTokenCounter;
}

/**
 * Puts the sidecar together: settings → adapters → pipeline → servers. `instance` picks the listeners of this process; the log
 * goes to stdout unless `logFile` is named.
 */
export async function startSidecar(settings: Settings, instance: number, logFile?: string): Promise<Sidecar> {
  const listeners = listenersOf(settings, instance);
  const parts = await openParts(settings, logFile);
  const { log, metrics, keys } = parts;
  const telemetry = openTelemetry(parts, metrics);
  let sds: SdsService | undefined;
  const quota = openQuota({ telemetry, log, instance });
  const live = await openLive(settings, log, (name) => sds?.push(name));
  await quota.prepare(settings, live.current().decisions.limits);
  const ports = portsOf(parts, live, quota, countedGuards(live.guards, telemetry));
  sds = secretDiscoveryService(ports.credentials, (provider) => live.current().decisions.providers.get(provider)?.fingerprint, telemetry);

  const serving = openServing();
  const proc = externalProcessorService(ports, telemetry);
  const stopAborting = abortBlocked(keys, proc.open);
  const health = { definition: HEALTH, implementation: serving.implementation };
  const decisionServices = [
    { definition: AUTHORIZATION, implementation: authorizationService(ports, telemetry) },
    { definition: EXTERNAL_PROCESSOR, implementation: proc.implementation },
    health,
  ];
  const grpc = await openGrpcServer(listeners.grpc, decisionServices, grpcMessageBytes(settings));
  const sdsServer = await openGrpcServer(
    listeners.sds,
    [{ definition: SECRET_DISCOVERY, implementation: sds.implementation }, health],
    sdsMessageBytesMax,
  );
  const stopGauges = startGauges(parts, live, quota);
  const pages = await openPages(listeners, parts, live, serving);
  log.info({ instance, chain: settings.edge.chain }, 'sallyport is serving');
  let reloads = Promise.resolve();
  return {
    ports: { health: pages.port, grpc: grpc.port, sds: sdsServer.port },
    reload: async (read) => {
      // One after the other: settings that take long to load must not come after, and undo, those that were written later.
      reloads = reloads.then(async () => reload(read, live, parts, quota));
      await reloads;
    },
    drain: async () => {
      serving.stop();
      log.info({ open: proc.open.count() }, 'draining');
      await new Promise((resolve) => setTimeout(resolve, Math.min(healthCheckMs, settings.listen.drainMs)));
      const whole = await grpc.drain(settings.listen.drainMs);
      await sdsServer.drain(0);
      stopAborting();
      stopGauges();
      await pages.close();
      live.close();
      await closeParts(parts, quota, whole);
      return whole;
    },
  };
}

const portsOf = ({ keys, bodies, tokens }: Parts, live: Live, { holds }: Quota, guards: Ports['guards']): Ports => ({
  ...live.ports,
  clock: systemClock,
  keys,
  approvals: keys,
  ...openBodyWorkers(bodies),
  guards,
  tokens,
  seals: openSeals(live.ports.credentials, systemClock),
  holds,
  calendar: openCalendar(),
});

/** Measures once a second what is not counted as it happens. */
function startGauges(parts: Parts, live: Live, quota: Quota): () => void {
  const timer = setInterval(() => {
    measure(parts, live);
    quota.measure(parts.metrics);
  }, gaugesMs).unref();
  return () => {
    clearInterval(timer);
  };
}

async function closeParts({ bodies, tokens, keys, log, flush }: Parts, quota: Quota, whole: boolean): Promise<void> {
  await quota.close();
  await bodies.close();
  await tokens.close();
  await keys.close();
  log.info({ whole }, 'drained');
  flush();
}

/** A bad file keeps the settings that are in force, and says so where operators look: in the log and in a metric. */
async function reload(read: () => Settings, live: Live, { log, metrics, tokens }: Parts, quota: Quota): Promise<void> {
  const refused = await attemptReload(read, live, { quota, tokens });
  metrics.reloads.inc({ outcome: refused === undefined ? 'done' : 'refused' });
  metrics.settingsStale.set(refused === undefined ? 0 : 1);
  if (refused === undefined) {
    log.info('new settings are in force');
  } else {
    log.error({ reason: refused }, 'the new settings are not used; the old ones stay in force');
  }
}

async function attemptReload(
  read: () => Settings,
  live: Live,
  { quota, tokens }: { readonly quota: Quota; readonly tokens: OpenTokenCounter },
): Promise<string | undefined> {
  try {
    const settings = read();
    // Before the limits are in force: a hold that cannot be taken refuses the request.
    await quota.prepare(settings, prepareLimits(settings));
    await tokens.prepare(vocabulariesOf(settings));
    return await live.reload(settings);
  } catch (error) {
    return error instanceof Error ? error.message : 'unknown';
  }
}

/** Of the models that count by one. */
const vocabulariesOf = ({ models }: Settings): ReadonlySet<Vocabulary> =>
  new Set([...models.values()].flatMap(({ vocabulary }) => vocabulary ?? []));

interface Listeners {
  readonly grpc: GrpcListener;
  readonly sds: GrpcListener;
  readonly health: HostPort;
  /** Path of a unix socket. */
  readonly admin: string | undefined;
}

function listenersOf(settings: Settings, instance: number): Listeners {
  const grpc = settings.listen.grpc[instance];
  const sds = settings.listen.sds[instance];
  const health = settings.listen.health[instance];
  must(
    grpc !== undefined && sds !== undefined && health !== undefined,
    `--instance ${String(instance)}: listen.grpc, listen.sds and listen.health must each name ${String(instance + 1)} listeners`,
  );
  return { grpc, sds, health, admin: settings.listen.admin[instance] };
}

async function openParts(settings: Settings, logFile: string | undefined): Promise<Parts> {
  const keys = await openKeyStore({ path: settings.store.path, readWaitMs: settings.edge.storeTimeoutMs });
  const tokens = openTokenCounter();
  await tokens.prepare(vocabulariesOf(settings));
  return { ...openLog(settings.logLevel, logFile), metrics: openMetrics(), keys, bodies: openBodyPool(), tokens };
}

/** What people and monitors look at. */
async function openPages(listeners: Listeners, parts: Parts, live: Live, serving: Serving): Promise<HealthServer> {
  const health = await openHealth(listeners.health, parts, live, serving);
  const admin = await openAdmin(listeners.admin, { live, keys: parts.keys, log: parts.log });
  return {
    port: health.port,
    close: async () => {
      await admin.close();
      await health.close();
    },
  };
}

const openHealth = async (at: HostPort, { metrics, keys }: Parts, live: Live, serving: Serving): Promise<HealthServer> =>
  openHealthServer(at.host, at.port, {
    ready: () => readinessOf({ ...live.current(), keys, draining: !serving.isServing() }),
    metrics: async () => ({ contentType: metrics.registry.contentType, text: await metrics.text() }),
  });

function measure({ metrics, keys }: Parts, live: Live): void {
  metrics.storeHealthy.set(keys.healthy() ? 1 : 0);
  for (const status of live.current().credentials.status()) {
    metrics.credentialReady.set({ name: status.name }, status.ready ? 1 : 0);
  }
}
