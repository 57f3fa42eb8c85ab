import { openTokenKeys } from './adapters/jwks/token-keys.ts';
import { openKeyStore } from './adapters/sqlite/key-store.ts';
import { openLog } from './adapters/telemetry/log.ts';
import { openMetrics } from './adapters/telemetry/metrics.ts';
import { openTelemetry } from './adapters/telemetry/telemetry.ts';
import { openHealthServer } from './admin/health-server.ts';
import type { Settings } from './config/settings.ts';
import { must } from './core/assert.ts';
import { systemClock } from './core/clock.ts';
import { abortBlocked } from './pipeline/abort-blocked.ts';
import { openBodyJudge } from './pipeline/body-pool.ts';
import { openCredentials } from './pipeline/credentials.ts';
import type { Ports } from './pipeline/ports.ts';
import { prepareDecisions } from './prepare.ts';
import { readinessOf } from './readiness.ts';
import { credentialEntries, openSecretStores } from './secrets.ts';
import { authorizationService } from './wire/authz-service.ts';
import { AUTHORIZATION, EXTERNAL_PROCESSOR, HEALTH, SECRET_DISCOVERY } from './wire/definitions.ts';
import { healthService } from './wire/health-service.ts';
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

/** Puts the sidecar together: settings → adapters → pipeline → servers. `instance` picks the listeners of this process. */
export async function startSidecar(settings: Settings, instance: number): Promise<Sidecar> {
  const grpcListener = settings.listen.grpc[instance];
  const sdsListener = settings.listen.sds[instance];
  const healthListener = settings.listen.health[instance] ?? settings.listen.health[0];
  must(
    grpcListener !== undefined && sdsListener !== undefined && healthListener !== undefined,
    `listen: has no instance ${String(instance)}`,
  );

  const { log, flush } = openLog(settings.logLevel);
  const metrics = openMetrics();
  const telemetry = openTelemetry(log, metrics);
  const stores = openSecretStores(settings, (path) => {
    log.warn({ path }, 'this secret file can be read by others; chmod 0600 it');
  });
  const credentials = openCredentials({
    entries: credentialEntries(settings),
    sources: stores.sources,
    clock: () => performance.now(),
    random: Math.random,
  });
  credentials.onChange((name, change) => {
    log.info({ credential: name, phase: change.phase, failure: change.failure }, 'credential changed');
  });
  const keys = await openKeyStore({ path: settings.store.path });
  const tokenKeys = openTokenKeys({
    issuers: settings.identity.issuers,
    clock: () => performance.now(),
    onRefresh: (issuer, refresh) => {
      log.info({ issuer, refresh: refresh.kind }, 'token keys');
    },
  });
  const decisions = prepareDecisions(settings);
  const bodies = openBodyJudge();
  const ports: Ports = {
    clock: systemClock,
    settings: () => decisions,
    keys,
    tokenKeys,
    credentials,
    judgeBody: bodies.judge,
  };
  await Promise.all([credentials.first(), tokenKeys.refresh()]);

  let draining = false;
  const healthListeners = new Set<() => void>();
  const health = {
    definition: HEALTH,
    implementation: healthService(
      () => !draining,
      (listener) => {
        healthListeners.add(listener);
        return () => {
          healthListeners.delete(listener);
        };
      },
    ),
  };
  const proc = externalProcessorService(ports, telemetry);
  const sds = secretDiscoveryService(credentials, (name) => settings.providers.has(name), telemetry);
  credentials.onChange((name, change) => {
    if (change.served) {
      sds.push(name);
    }
  });
  const stopAborting = abortBlocked(keys, proc.open);
  const bodyBytesMax = settings.edge.bodyMaxBytes;
  const grpc = await openGrpcServer(
    grpcListener,
    [
      { definition: AUTHORIZATION, implementation: authorizationService(ports, telemetry) },
      { definition: EXTERNAL_PROCESSOR, implementation: proc.implementation },
      health,
    ],
    bodyBytesMax,
  );
  const sdsServer = await openGrpcServer(sdsListener, [{ definition: SECRET_DISCOVERY, implementation: sds.implementation }, health], 0);
  const ready = () => readinessOf({ settings, keys, credentials, tokenKeys, draining });
  const gauges = setInterval(() => {
    metrics.storeHealthy.set(keys.healthy() ? 1 : 0);
    for (const status of credentials.status()) {
      metrics.credentialReady.set({ name: status.name }, status.ready ? 1 : 0);
    }
  }, gaugesMs).unref();
  const healthServer = await openHealthServer(healthListener.host, healthListener.port, {
    ready,
    metrics: async () => ({ contentType: metrics.registry.contentType, text: await metrics.registry.metrics() }),
  });
  log.info({ instance, chain: settings.edge.chain }, 'sallyport is serving');
  return {
    ports: { health: healthServer.port, grpc: grpc.port, sds: sdsServer.port },
    async drain() {
      draining = true;
      for (const listener of healthListeners) {
        listener();
      }
      log.info({ open: proc.open.count() }, 'draining');
      await new Promise((resolve) => setTimeout(resolve, Math.min(healthCheckMs, settings.listen.drainMs)));
      const whole = await grpc.drain(settings.listen.drainMs);
      await sdsServer.drain(0);
      stopAborting();
      clearInterval(gauges);
      await healthServer.close();
      credentials.close();
      tokenKeys.close();
      stores.close();
      await bodies.close();
      await keys.close();
      log.info({ whole }, 'drained');
      flush();
      return whole;
    },
  };
}
