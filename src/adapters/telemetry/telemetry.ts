import type { ExchangeRecord, Telemetry } from '../../ports/telemetry.ts';
import { openBatch } from './batch.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

/** Exchanges that are over wait so long to be counted and logged together. */
const batchLimits = { itemsMax: 64, waitMsMax: 50 };

export interface OpenTelemetry extends Telemetry {
  /** Counts and logs what still waits: before metrics are read, and before the log is flushed. */
  flush(): void;
}

/** Log lines and metrics of the decision path. */
export function openTelemetry(log: Log, metrics: Metrics): OpenTelemetry {
  let mismatch = '';
  const records = openBatch<ExchangeRecord>(batchLimits, (batch) => {
    for (const record of batch) {
      count(metrics, record);
    }
    for (const record of batch) {
      log.info(exchangeFields(record), 'exchange');
    }
  });
  return {
    flush: records.flush,
    exchangeOpened() {
      metrics.open.inc();
    },
    exchangeClosed() {
      metrics.open.dec();
    },
    exchange: records.add,
    configurationMismatch(providers) {
      const named = providers.join(',');
      metrics.mismatches.set(named === '' ? 0 : 1);
      if (named !== mismatch) {
        mismatch = named;
        if (named !== '') {
          log.error(
            { providers: named },
            'Envoy runs another version of these; providers are not used, and other routes stand in, until `sallyport envoy render` is applied',
          );
        }
      }
    },
    responseUnseen() {
      metrics.unseen.inc();
    },
    credentialRejected(provider, status) {
      metrics.credentialRejections.inc({ provider, status: String(status) });
      log.error({ provider, status }, 'the provider refused our key');
    },
    rewrite(outcome, target) {
      metrics.rewrites.inc({ target, outcome });
    },
    keysPushed(subscribers) {
      metrics.keyPushes.inc(subscribers);
    },
  };
}

function count(metrics: Metrics, record: ExchangeRecord): void {
  metrics.exchanges.inc({ disposition: record.disposition, code: record.code ?? '', operation: record.operation ?? '' });
  if (record.disposition === 'released') {
    metrics.endings.inc({ provider: record.provider ?? '', ending: record.ending ?? '', status: String(record.status ?? 0) });
  }
  if (record.decisionMs !== undefined) {
    metrics.decisionSeconds.observe(record.decisionMs / 1_000);
  }
}

/** The one line of an exchange, field by field. */
const exchangeFields = (record: ExchangeRecord): Readonly<Record<string, string | number | undefined>> => ({
  exchange: record.exchangeId,
  disposition: record.disposition,
  code: record.code,
  detail: record.detail,
  caller: record.caller?.kind,
  key: record.caller?.key,
  client: record.caller?.client,
  user: record.caller?.user,
  team: record.caller?.team,
  tier: record.caller?.tier,
  issuer: record.caller?.issuer,
  address: record.caller?.address,
  operation: record.operation,
  model: record.model,
  provider: record.provider,
  attempts: record.attempts,
  status: record.status,
  ending: record.ending,
  requestBytes: record.requestBytes,
  responseBytes: record.responseBytes,
  decisionMs: record.decisionMs,
  totalMs: record.totalMs,
});
