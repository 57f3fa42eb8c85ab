import { describe, expect, it } from 'vitest';
import { openMetrics } from '../../../../src/adapters/telemetry/metrics.ts';
import type { ExchangeRecord } from '../../../../src/ports/telemetry.ts';

const released: ExchangeRecord = {
  exchangeId: 'an exchange',
  disposition: 'released',
  code: undefined,
  detail: undefined,
  caller: undefined,
  address: undefined,
  operation: 'chat',
  model: 'large',
  provider: 'alpha',
  attempts: 1,
  status: 200,
  ending: 'complete',
  found: undefined,
  unknownPlaceholders: 0,
  verdicts: [],
  requestBytes: 10,
  responseBytes: 20,
  decisionMs: 3,
  totalMs: 7,
};
const denied: ExchangeRecord = { ...released, disposition: 'denied', code: 'model_not_allowed', ending: undefined, decisionMs: undefined };

describe('metrics of exchanges', () => {
  it.each([1, 255, 256, 1_000])('a scrape tells of each of %i exchanges that are over', async (many) => {
    const metrics = openMetrics();
    for (let index = 0; index < many; index += 1) {
      metrics.exchanges.add(released);
    }
    metrics.exchanges.add(denied);
    for (const text of [await metrics.text(), await metrics.text()]) {
      expect(text).toContain(`sallyport_exchanges_total{disposition="released",code="",operation="chat"} ${String(many)}\n`);
      expect(text).toContain('sallyport_exchanges_total{disposition="denied",code="model_not_allowed",operation="chat"} 1\n');
      expect(text).toContain(`sallyport_released_total{provider="alpha",ending="complete",status="200"} ${String(many)}\n`);
      expect(text).toContain(`sallyport_decision_seconds_bucket{le="0.005"} ${String(many)}\n`);
      expect(text).toContain('sallyport_decision_seconds_bucket{le="0.0025"} 0\n');
      expect(text).toContain(`sallyport_decision_seconds_count ${String(many)}\n`);
    }
  });

  it('a scrape tells how many are open now', async () => {
    const metrics = openMetrics();
    metrics.exchanges.open += 2;
    expect(await metrics.text()).toContain('sallyport_exchanges_open 2\n');
    metrics.exchanges.open -= 1;
    expect(await metrics.text()).toContain('sallyport_exchanges_open 1\n');
  });
});
