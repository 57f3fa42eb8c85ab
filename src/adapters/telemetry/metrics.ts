import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Every metric there is. Labels come from closed sets only (codes, operations, declared providers): never a key, a user or a model asked for. */
export function openMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'sallyport_process_' });
  return { registry, ...exchangeMetrics([registry]), ...stateMetrics([registry]) };
}

function exchangeMetrics(registers: Registry[]) {
  return {
    exchanges: new Counter({
      name: 'sallyport_exchanges_total',
      help: 'Exchanges that are over, by how they were decided',
      labelNames: ['disposition', 'code', 'operation'],
      registers,
    }),
    endings: new Counter({
      name: 'sallyport_released_total',
      help: 'Released exchanges that are over, by provider and by how they ended',
      labelNames: ['provider', 'ending', 'status'],
      registers,
    }),
    open: openGauge(registers),
    decisionSeconds: new Histogram({
      name: 'sallyport_decision_seconds',
      help: 'From the first message about a request to the reply that decided it; includes the wait for the body',
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30],
      registers,
    }),
    unseen: new Counter({
      name: 'sallyport_responses_unseen_total',
      help: 'Released exchanges that ended without the response phase that was asked for (client gone, or allow_mode_override off)',
      registers,
    }),
    credentialRejections: new Counter({
      name: 'sallyport_credential_rejected_total',
      help: 'Answers of a provider that refused our key',
      labelNames: ['provider', 'status'],
      registers,
    }),
    rewrites: new Counter({
      name: 'sallyport_rewrites_total',
      help: 'Attempts after the first that were fitted to their target',
      labelNames: ['target', 'outcome'],
      registers,
    }),
    keyPushes: new Counter({ name: 'sallyport_key_pushes_total', help: 'Keys pushed to Envoys over SDS', registers }),
  };
}

/** Counted here and told at each scrape: it changes several times in every exchange. */
function openGauge(registers: Registry[]): { count: number } {
  const open = {
    count: 0,
    gauge: new Gauge({
      name: 'sallyport_exchanges_open',
      help: 'Exchanges in progress',
      registers,
      collect() {
        this.set(open.count);
      },
    }),
  };
  return open;
}

function stateMetrics(registers: Registry[]) {
  return {
    mismatches: new Gauge({
      name: 'sallyport_envoy_configuration_mismatch',
      help: '1 while Envoy runs another version of the providers than the settings say; render again',
      registers,
    }),
    reloads: new Counter({
      name: 'sallyport_settings_reloads_total',
      help: 'Reloads of the settings, by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    settingsStale: new Gauge({
      name: 'sallyport_settings_stale',
      help: '1 while the settings file is not what is in force, because it could not be used; the log says why',
      registers,
    }),
    storeHealthy: new Gauge({ name: 'sallyport_store_healthy', help: '1 while the key store can be decided by', registers }),
    credentialReady: new Gauge({
      name: 'sallyport_credential_ready',
      help: '1 while a key of this provider is served',
      labelNames: ['name'],
      registers,
    }),
  };
}

export type Metrics = ReturnType<typeof openMetrics>;
