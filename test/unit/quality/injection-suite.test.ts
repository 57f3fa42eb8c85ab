import { describe, expect, it } from 'vitest';
import { runInjectionSuite } from '../../quality/injection-suite.ts';

const rows = new Map(runInjectionSuite({ seed: 20_261_121, samples: 600 }).map((row) => [row.entity, row]));

describe('quality of injection signals on generated texts', () => {
  it.each(['injection (ignore previous)', 'injection (ignore previous, put aside)'])('%s: at least 80 %% raise an alarm', (entity) => {
    const row = rows.get(entity);
    expect(row?.recall, row?.worst.join('\n')).toBeGreaterThanOrEqual(0.8);
  });

  it('at most 3 % of honest texts full of the same words do', () => {
    const row = rows.get('injection (honest)');
    expect(row?.precision, row?.worst.join('\n')).toBeGreaterThanOrEqual(0.97);
  });

  it('paraphrases are reported too, though no bar is set for them', () => {
    expect(rows.get('injection (paraphrase)')?.samples).toBe(600);
  });
});
