import { openTokenKeys, type OpenTokenKeys } from './adapters/jwks/token-keys.ts';
import { openKeyStore, type KeyStore } from './adapters/sqlite/key-store.ts';
import { openLog, type Log } from './adapters/telemetry/log.ts';
import { openMetrics, type Metrics } from './adapters/telemetry/metrics.ts';
import { openTelemetry } from './adapters/telemetry/telemetry.ts';
import { openHealthServer } from './admin/health-server.ts';
import type { GrpcListener, HostPort, Settings } from './config/settings.ts';
import { must } from './core/assert.ts';
import { systemClock } from './core/clock.ts';
import { abortBlocked } from './pipeline/abort-blocked.ts';
import { openBodyJudge, type BodyPool } from './pipeline/body-pool.ts';
import { openCredentials, type Credentials } from './pipeline/credentials.ts';
import type { Ports } from './pipeline/ports.ts';
import { prepareDecisions } from './prepare.ts';
import { readinessOf } from './readiness.ts';
import { credentialEntries, openSecretStores, type SecretStores } from './secrets.ts';
import { authorizationService } from './wire/authz-service.ts';
import { AUTHORIZATION, EXTERNAL_PROCESSOR, HEALTH, SECRET_DISCOVERY } from './wire/definitions.ts';
import { openServing } from './wire/health-service.ts';
import { externalProcessorService } from './wire/proc-service.ts';
import { secretDiscoveryService } from './wire/sds-service.ts';
import { openGrpcServer } from './wire/server.ts';

export interface Sidecar {
  /** Resolves when the sidecar has drained (or cut what was left) and let go of everything; true where no stream was cut. */
  drain(): Promise<boolean>;
  /** Port of the health listener, and of TCP gRPC listeners (0 for sockets). */
  readonly ports: { readonly health: number; readonly grpc: number; readonly sds: number };
}

/** Envoy's health checks come every second; only after one has failed do new requests go elsewhere. */
const healthCheckMs = 2_500;
const gaugesMs = 1_000;

/** Everything outside that decisions need, open. */
interface Parts {
  readonly log: Log;
  readonly flush: () => void;
  readonly metrics: Metrics;
  readonly stores: SecretStores;
  readonly credentials: Credentials;
  readonly keys: KeyStore;
  readonly tokenKeys: OpenTokenKeys;
  readonly bodies: BodyPool;
}

/**
 * Puts the sidecar together: settings → adapters → pipeline → servers. `instance` picks the listeners of this process; the log
 * goes to stdout unless `logFile` is named.
 */
export async function startSidecar(settings: Settings, instance: number, logFile?: string): Promise<Sidecar> {
  const listeners = listenersOf(settings, instance);
  const parts = await openParts(settings, logFile);
  const { log, metrics, credentials, keys, tokenKeys } = parts;
  const telemetry = openTelemetry(log, metrics);
  const decisions = prepareDecisions(settings);
  const ports: Ports = { clock: systemClock, settings: () => decisions, keys, tokenKeys, credentials, judgeBody: parts.bodies.judge };

  const serving = openServing();
  const proc = externalProcessorService(ports, telemetry);
  const sds = secretDiscoveryService(credentials, (name) => settings.providers.has(name), telemetry);
  credentials.onChange((name, change) => {
    if (change.served) {
      sds.push(name);
    }
  });
  const stopAborting = abortBlocked(keys, proc.open);
  const health = { definition: HEALTH, implementation: serving.implementation };
  const decisionServices = [
    { definition: AUTHORIZATION, implementation: authorizationService(ports, telemetry) },
    { definition: EXTERNAL_PROCESSOR, implementation: proc.implementation },
    health,
  ];
  const grpc = await openGrpcServer(listeners.grpc, decisionServices, settings.edge.bodyMaxBytes);
  const sdsServer = await openGrpcServer(listeners.sds, [{ definition: SECRET_DISCOVERY, implementation: sds.implementation }, health], 0);
  const gauges = setInterval(() => {
    measure(parts);
  }, gaugesMs).unref();
  const healthServer = await openHealthServer(listeners.health.host, listeners.health.port, {
    ready: () => readinessOf({ settings, keys, credentials, tokenKeys, draining: !serving.isServing() }),
    metrics: async () => ({ contentType: metrics.registry.contentType, text: await metrics.registry.metrics() }),
  });
  log.info({ instance, chain: settings.edge.chain }, 'sallyport is serving');
  return {
    ports: { health: healthServer.port, grpc: grpc.port, sds: sdsServer.port },
    async drain() {
      serving.stop();
      log.info({ open: proc.open.count() }, 'draining');
      await new Promise((resolve) => setTimeout(resolve, Math.min(healthCheckMs, settings.listen.drainMs)));
      const whole = await grpc.drain(settings.listen.drainMs);
      await sdsServer.drain(0);
      stopAborting();
      clearInterval(gauges);
      await healthServer.close();
      await closeParts(parts);
      log.info({ whole }, 'drained');
      parts.flush();
      return whole;
    },
  };
}

function listenersOf(settings: Settings, instance: number): { grpc: GrpcListener; sds: GrpcListener; health: HostPort } {
  const grpc = settings.listen.grpc[instance];
  const sds = settings.listen.sds[instance];
  const health = settings.listen.health[instance];
  must(
    grpc !== undefined && sds !== undefined && health !== undefined,
    `--instance ${String(instance)}: listen.grpc, listen.sds and listen.health must each name ${String(instance + 1)} listeners`,
  );
  return { grpc, sds, health };
}

/** A clock that never steps: a correction of the wall clock must not expire a key. */
const monotonic = (): number => performance.now();

async function openParts(settings: Settings, logFile: string | undefined): Promise<Parts> {
  const { log, flush } = openLog(settings.logLevel, logFile);
  const stores = openSecretStores(settings, (path) => {
    log.warn({ path }, 'this secret file can be read by others; chmod 0600 it');
  });
  const credentials = openCredentials({
    entries: credentialEntries(settings),
    sources: stores.sources,
    clock: monotonic,
    random: Math.random,
  });
  credentials.onChange((name, { phase, failure }) => {
    log.info({ credential: name, phase, failure }, 'credential changed');
  });
  const tokenKeys = openTokenKeys({
    issuers: settings.identity.issuers,
    clock: monotonic,
    onRefresh: (issuer, refresh) => {
      log.info({ issuer, refresh: refresh.kind }, 'token keys');
    },
  });
  const [keys] = await Promise.all([openKeyStore({ path: settings.store.path }), credentials.first(), tokenKeys.refresh()]);
  return { log, flush, metrics: openMetrics(), stores, credentials, keys, tokenKeys, bodies: openBodyJudge() };
}

function measure({ metrics, keys, credentials }: Parts): void {
  metrics.storeHealthy.set(keys.healthy() ? 1 : 0);
  for (const status of credentials.status()) {
    metrics.credentialReady.set({ name: status.name }, status.ready ? 1 : 0);
  }
}

async function closeParts(parts: Parts): Promise<void> {
  parts.credentials.close();
  parts.tokenKeys.close();
  parts.stores.close();
  await parts.bodies.close();
  await parts.keys.close();
}
