import { describe, expect, it } from 'vitest';
import { runSecretsSuite } from '../../quality/secrets-suite.ts';

const rows = new Map(runSecretsSuite({ seed: 20_261_121, samples: 1_200 }).map((row) => [row.entity, row]));

describe('quality of secrets on generated texts', () => {
  it.each([
    ['secret (prefix)', 0.97],
    ['secret (run)', 0.97],
    ['secret (context)', 0.95],
  ])('%s: at least %d are found', (entity, bar) => {
    const row = rows.get(entity);
    expect(row?.recall, row?.worst.join('\n')).toBeGreaterThanOrEqual(bar);
    expect(row?.precision, row?.worst.join('\n')).toBeGreaterThanOrEqual(0.97);
  });

  it('something is found in at most 3 % of the clean texts', () => {
    const row = rows.get('secret (clean)');
    expect(row?.precision, row?.worst.join('\n')).toBeGreaterThanOrEqual(0.97);
  });
});
