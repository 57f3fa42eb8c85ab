import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { openExchangeMetrics } from './exchange-metrics.ts';

/**
 * Every metric there is. Labels come from closed sets only (codes, operations, declared providers and guards): never a key, a user or a model
 * asked for.
 */
export function openMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'sallyport_process_' });
  const exchanges = openExchangeMetrics([registry]);
  return {
    registry,
    /** Every metric as it is now, in Prometheus' text format. */
    text: async () => {
      exchanges.count();
      return registry.metrics();
    },
    exchanges,
    ...eventMetrics([registry]),
    ...stateMetrics([registry]),
  };
}

function eventMetrics(registers: Registry[]) {
  return {
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
    holds: new Counter({
      name: 'sallyport_holds_total',
      help: 'Holds asked for under limits, by outcome (unavailable: store away, refused; uncounted: store away, let through)',
      labelNames: ['outcome'],
      registers,
    }),
    limitsReached: new Counter({
      name: 'sallyport_limits_reached_total',
      help: 'Requests refused by a limit, by its kind and level',
      labelNames: ['kind', 'level'],
      registers,
    }),
    guardVerdicts: new Counter({
      name: 'sallyport_guard_verdicts_total',
      help: 'Answers of guards: clear, flagged, found (by an analyzer of names), or why there was none',
      labelNames: ['guard', 'direction', 'verdict'],
      registers,
    }),
    guardSeconds: new Histogram({
      name: 'sallyport_guard_seconds',
      help: 'From a question to the answer of its guard',
      labelNames: ['guard'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    }),
    keyPushes: new Counter({ name: 'sallyport_key_pushes_total', help: 'Keys pushed to Envoys over SDS', registers }),
  };
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
    ledgerHealthy: new Gauge({ name: 'sallyport_ledger_healthy', help: '1 while holds can be taken and settled', registers }),
    ledgerLost: new Gauge({
      name: 'sallyport_ledger_lost',
      help: '1 while the ledger is not the store it was, and an operator has to restore or accept it',
      registers,
    }),
    journalHealthy: new Gauge({ name: 'sallyport_journal_healthy', help: '1 while the journal of holds can be written', registers }),
    holdsOpen: new Gauge({ name: 'sallyport_holds_open', help: 'Holds of exchanges in progress in this process', registers }),
    resolutionsWaiting: new Gauge({
      name: 'sallyport_resolutions_waiting',
      help: 'Ends of holds (settlements and cancellations) that the store has not acknowledged yet',
      registers,
    }),
    credentialReady: new Gauge({
      name: 'sallyport_credential_ready',
      help: '1 while a key of this provider is served',
      labelNames: ['name'],
      registers,
    }),
  };
}

export type Metrics = ReturnType<typeof openMetrics>;
