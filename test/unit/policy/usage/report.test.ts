import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvCell, usageCsv } from '../../../../src/policy/usage/csv.ts';
import { openUsageSummary, USAGE_DIMENSIONS, type UsageDimension, type UsageLine } from '../../../../src/policy/usage/report.ts';
import { formatUsd } from '../../../../src/policy/usage/usd.ts';
import { usageView } from '../../../../src/policy/usage/view.ts';

const line = (changes: Partial<UsageLine> = {}): UsageLine => ({
  day: '2026-11-21',
  team: 'finance',
  client: 'ledger-app',
  key: 'KKKKKKKKKK',
  user: 'ann',
  model: 'large',
  requests: 1,
  tokens: 10,
  nanoUsd: 150,
  ...changes,
});

const summarise = (by: readonly UsageDimension[], ...pieces: readonly (readonly UsageLine[])[]) => {
  const summary = openUsageSummary(by, 1_000);
  for (const lines of pieces) {
    summary.add(lines);
  }
  return summary.report();
};

const named = (team: string, model: string) => [
  ['team', team],
  ['model', model],
];

describe('a report', () => {
  it('adds up lines by name, in whatever pieces they come', () => {
    const lines = [line(), line({ user: 'bob' }), line({ team: 'sales' }), line({ model: 'small', tokens: 5 })];
    const whole = summarise(['team', 'model'], lines);
    expect(whole.rows).toEqual([
      { names: named('finance', 'large'), requests: 2n, tokens: 20n, nanoUsd: 300n },
      { names: named('finance', 'small'), requests: 1n, tokens: 5n, nanoUsd: 150n },
      { names: named('sales', 'large'), requests: 1n, tokens: 10n, nanoUsd: 150n },
    ]);
    expect(whole.total).toEqual({ requests: 4n, tokens: 35n, nanoUsd: 600n });
    expect(summarise(['team', 'model'], lines.slice(0, 1), [], lines.slice(1))).toEqual(whole);
  });

  it('is exact beyond what a double holds', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const report = summarise(['team'], [line({ nanoUsd: most }), line({ nanoUsd: most }), line({ nanoUsd: 1 })]);
    expect(report.total.nanoUsd).toBe(18_014_398_509_481_983n);
    expect(usageView({ fromDay: 'a', toDay: 'b', by: ['team'] }, report)).toMatchObject({ total: { usd: '18014398.509481983' } });
  });

  it('keeps apart what only looks alike when it is joined', () => {
    const lines = [line({ team: 'a,b', client: 'c' }), line({ team: 'a', client: 'b,c' }), line({ team: '["a"', client: 'x' })];
    expect(summarise(['team', 'client'], lines).rows).toHaveLength(3);
    expect(summarise(['team'], [line({ team: '__proto__' }), line({ team: 'constructor' })]).rows).toHaveLength(2);
  });

  it('of nothing has a total of nothing', () => {
    expect(summarise(['day'])).toEqual({ by: ['day'], rows: [], total: { requests: 0n, tokens: 0n, nanoUsd: 0n } });
  });

  it('says when it has too many rows', () => {
    const summary = openUsageSummary(['user'], 2);
    expect(summary.add([line({ user: 'a' }), line({ user: 'b' }), line({ user: 'a' })])).toBe(true);
    expect(summary.add([line({ user: 'c' })])).toBe(false);
  });

  it('as JSON names each dimension, an unknown one as empty', () => {
    const query = { fromDay: '2026-11-01', toDay: '2026-11-22', by: ['user', 'model'] as const };
    expect(usageView(query, summarise(query.by, [line({ user: '' })]))).toEqual({
      from: '2026-11-01',
      to: '2026-11-22',
      by: ['user', 'model'],
      rows: [{ user: '', model: 'large', requests: 1, tokens: 10, usd: '0.000000150' }],
      total: { requests: 1, tokens: 10, usd: '0.000000150' },
    });
  });
});

describe('formatUsd', () => {
  it.each<[bigint, string]>([
    [0n, '0.000000000'],
    [1n, '0.000000001'],
    [999_999_999n, '0.999999999'],
    [1_000_000_000n, '1.000000000'],
    [12_345_678_901n, '12.345678901'],
  ])('%d is %s', (nanoUsd, text) => {
    expect(formatUsd(nanoUsd)).toBe(text);
  });
});

describe('CSV', () => {
  it('has one head, the items, and a total that is told from a team named so', () => {
    expect(usageCsv(summarise(['team', 'day'], [line({ team: 'total' }), line({ team: 'a' })]))).toBe(
      'line,team,day,requests,tokens,usd\r\n' +
        'item,a,2026-11-21,1,10,0.000000150\r\n' +
        'item,total,2026-11-21,1,10,0.000000150\r\n' +
        'total,,,2,20,0.000000300\r\n',
    );
  });

  it.each([
    ['plain', 'plain'],
    ['', ''],
    ['a,b', '"a,b"'],
    ['a"b', '"a""b"'],
    ['a\r\nb', '"a\r\nb"'],
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', '"\'\r=1"'],
    ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
    ['\uff1d1', "'\uff1d1"],
    ["'=1", "''=1"],
    ['a=1', 'a=1'],
  ])('writes the name %j as %j', (name, cell) => {
    expect(csvCell(name)).toBe(cell);
  });

  const names = fc.string({ unit: fc.constantFrom('a', '"', ',', '\r', '\n', '=', "'", 'é', '@') });

  it('is read back as it was written, whatever names hold, and adds up to its total', () => {
    fc.assert(
      fc.property(
        fc.subarray([...USAGE_DIMENSIONS], { minLength: 1 }),
        fc.array(fc.record({ team: names, user: names, tokens: fc.maxSafeNat(), nanoUsd: fc.maxSafeNat() }), { maxLength: 20 }),
        (by, changes) => {
          const report = summarise(
            by,
            changes.map((each) => line(each)),
          );
          const [head, ...records] = readCsv(usageCsv(report));
          expect(head).toEqual(['line', ...by, 'requests', 'tokens', 'usd']);
          const total = records.pop() ?? [];
          expect(total[0]).toBe('total');
          expect(records.map((cells) => cells.slice(1, 1 + by.length).map(unguarded))).toEqual(
            report.rows.map((row) => row.names.map(([, name]) => name)),
          );
          for (const column of [-3, -2, -1]) {
            const sum = records.reduce((before, cells) => before + digitsOf(cells.at(column)), 0n);
            expect(sum).toBe(digitsOf(total.at(column)));
          }
          expect(digitsOf(total.at(-1))).toBe(changes.reduce((before, each) => before + BigInt(each.nanoUsd), 0n));
        },
      ),
    );
  });
});

/** Dollars always have nine places, so that without their point they are nano-dollars. */
const digitsOf = (cell: string | undefined): bigint => BigInt((cell ?? '').replace('.', ''));

const unguarded = (cell: string): string => (cell.startsWith("'") ? cell.slice(1) : cell);

/** A reader of RFC 4180, apart from the code under test. */
function readCsv(text: string): string[][] {
  const records: string[][] = [];
  let cells: string[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [, quoted, plain = '', end] = match;
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '\r\n') {
      records.push(cells);
      cells = [];
    }
  }
  return records;
}
