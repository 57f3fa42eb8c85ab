import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ExchangeRecord } from '../../ports/telemetry.ts';

/** What is counted of exchanges. */
export interface ExchangeMetrics {
  /** Exchanges in progress. */
  open: number;
  add(record: ExchangeRecord): void;
  /** Counts what was added; before each scrape. */
  count(): void;
}

/** Exchanges that are over and not counted yet. */
const uncountedMax = 256;

/** Many exchanges are counted at once: a label set costs several microseconds where its code has to be fetched for one alone. */
export function openExchangeMetrics(registers: Registry[]): ExchangeMetrics {
  const { exchanges, endings, found: foundTotal, unknown, open, decisionSeconds } = makeMetrics(registers);
  const uncounted: ExchangeRecord[] = [];
  const countFound = (all: ExchangeRecord['found']): void => {
    for (const [direction, counts] of Object.entries(all ?? {})) {
      for (const [name, count] of counts) {
        const [entity = '', action = ''] = name.split(' ');
        foundTotal.inc({ direction, entity, action }, count);
      }
    }
  };

  const own: ExchangeMetrics = {
    open: 0,
    add(record) {
      uncounted.push(record);
      if (uncounted.length >= uncountedMax) {
        own.count();
      }
    },
    count() {
      open.set(own.open);
      for (const { disposition, code, operation, provider, ending, status, decisionMs, found, unknownPlaceholders } of uncounted) {
        exchanges.inc({ disposition, code: code ?? '', operation: operation ?? '' });
        if (disposition === 'released') {
          endings.inc({ provider: provider ?? '', ending: ending ?? '', status: String(status ?? 0) });
        }
        countFound(found);
        unknown.inc(unknownPlaceholders);
        if (decisionMs !== undefined) {
          decisionSeconds.observe(decisionMs / 1_000);
        }
      }
      uncounted.length = 0;
    },
  };
  return own;
}

const makeMetrics = (registers: Registry[]) => ({
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
  found: new Counter({
    name: 'sallyport_found_total',
    help: 'Personal data, secrets and the like that were found, by what was done with them',
    labelNames: ['direction', 'entity', 'action'],
    registers,
  }),
  unknown: new Counter({
    name: 'sallyport_unknown_placeholders_total',
    help: 'Placeholders in answers that their requests had not sent: altered or made up by a model',
    registers,
  }),
  open: new Gauge({ name: 'sallyport_exchanges_open', help: 'Exchanges in progress', registers }),
  decisionSeconds: new Histogram({
    name: 'sallyport_decision_seconds',
    help: 'From the first message about a request to the reply that decided it; includes the wait for the body',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30],
    registers,
  }),
});
