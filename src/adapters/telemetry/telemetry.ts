import type { ExchangeRecord, Telemetry } from '../../ports/telemetry.ts';
import type { LogFields, OpenLog } from './log.ts';
import type { Metrics } from './metrics.ts';

/** Log lines and metrics of the decision path. */
export function openTelemetry({ log, record: writeRecord }: Pick<OpenLog, 'log' | 'record'>, metrics: Metrics): Telemetry {
  let mismatch = '';
  return {
    exchangeOpened() {
      metrics.exchanges.open += 1;
    },
    exchangeClosed() {
      metrics.exchanges.open -= 1;
    },
    exchange(record) {
      metrics.exchanges.add(record);
      writeRecord('exchange', () => exchangeFields(record));
    },
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
    hold(outcome) {
      metrics.holds.inc({ outcome });
    },
    limitReached(kind, level) {
      metrics.limitsReached.inc({ kind, level });
    },
    guardAnswered({ guard, direction, verdict, tookMs }) {
      metrics.guardVerdicts.inc({ guard, direction, verdict });
      metrics.guardSeconds.observe({ guard }, tookMs / 1_000);
    },
    keysPushed(subscribers) {
      metrics.keyPushes.inc(subscribers);
    },
  };
}

/** The one line of an exchange, field by field. */
const exchangeFields = (record: ExchangeRecord): LogFields => ({
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
  address: record.address,
  operation: record.operation,
  model: record.model,
  provider: record.provider,
  attempts: record.attempts,
  status: record.status,
  ending: record.ending,
  found: listed(record.found?.request),
  foundInAnswer: listed(record.found?.response),
  unknownPlaceholders: record.found === undefined ? undefined : record.unknownPlaceholders,
  verdicts: record.verdicts.length === 0 ? undefined : record.verdicts.join('; '),
  requestBytes: record.requestBytes,
  responseBytes: record.responseBytes,
  decisionMs: record.decisionMs,
  totalMs: record.totalMs,
});

/** Names and numbers, never what was found: `email mask 2, card redact 1`. */
const listed = (counts: ReadonlyMap<string, number> | undefined): string | undefined =>
  counts && Array.from(counts, ([name, count]) => `${name} ${String(count)}`).join(', ');
