import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { usageCommand } from '../../../src/cli/usage.ts';
import { NOTHING, type Account, type Amounts } from '../../../src/core/limit.ts';
import { StoreError } from '../../../src/ports/key-store.ts';
import { startCommands, type Ran } from './command-context.ts';

let commands: ReturnType<typeof startCommands>;
const usage = (...args: string[]): Promise<Ran> => commands.run(usageCommand, ...args);

const spend = (day: string, account: Partial<Account>, amounts: Partial<Amounts>): void => {
  commands.ledger.state().addSpending(day, { team: '', client: '', key: '', user: '', model: '', ...account }, { ...NOTHING, ...amounts });
};

beforeEach(() => {
  commands = startCommands();
  spend('2026-11-01', { team: 'finance', model: 'large' }, { requests: 2, tokens: 12_345, nanoUsd: 1 });
  spend('2026-11-21', { team: 'finance', model: 'large', user: '=cmd()' }, { requests: 1, tokens: 5, nanoUsd: 12_999_999_999 });
  spend('2026-11-22', { model: 'small' }, { requests: 1, tokens: 1, nanoUsd: 150 });
  spend('2026-10-31', { team: 'finance', model: 'large' }, { requests: 9, tokens: 9, nanoUsd: 9 });
});
afterEach(() => {
  commands.remove();
});

describe('usage', () => {
  it('shows this month by team and model, with a total that is the sum of its lines', async () => {
    expect((await usage()).stdout).toBe(
      [
        'TEAM     MODEL  REQUESTS  TOKENS           USD\n',
        '-        small         1       1   0.000000150\n',
        'finance  large         3   12350  13.000000000\n',
        'TOTAL                  4   12351  13.000000150\n',
      ].join(''),
    );
  });

  it('prints JSON and CSV of the same figures', async () => {
    expect(JSON.parse((await usage('--json', '--by', 'day')).stdout)).toEqual({
      from: '2026-11-01',
      to: '2026-11-22',
      by: ['day'],
      rows: [
        { day: '2026-11-01', requests: 2, tokens: 12_345, usd: '0.000000001' },
        { day: '2026-11-21', requests: 1, tokens: 5, usd: '12.999999999' },
        { day: '2026-11-22', requests: 1, tokens: 1, usd: '0.000000150' },
      ],
      total: { requests: 4, tokens: 12_351, usd: '13.000000150' },
    });
    expect((await usage('--csv', '--by', 'user', '--from', '2026-11-21', '--to', '2026-11-21')).stdout).toBe(
      "line,user,requests,tokens,usd\r\nitem,'=cmd(),1,5,12.999999999\r\ntotal,,1,5,12.999999999\r\n",
    );
  });

  it('of days without spending has a total of nothing', async () => {
    expect((await usage('--from', '2025-01-01', '--to', '2025-01-31', '--csv')).stdout).toBe(
      'line,team,model,requests,tokens,usd\r\ntotal,,,0,0,0.000000000\r\n',
    );
  });

  it.each<[string, string[], string]>([
    ['a day that is none', ['--from', '2026-13-01'], '--from: use a day'],
    ['days backwards', ['--from', '2026-11-02', '--to', '2026-11-01'], 'backwards'],
    ['a dimension that is none', ['--by', 'organisation'], '--by'],
    ['two forms', ['--json', '--csv'], 'not both'],
    ['an unknown option', ['--month'], '--month'],
    ['a stray argument', ['2026-11-01'], 'unexpected argument'],
  ])('refuses %s, and prints no report', async (_name, args, message) => {
    const { code, stdout, stderr } = await usage(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it('prints nothing, rather than a part, where the ledger breaks off, and lets go of it', async () => {
    let closed = 0;
    const ledger = commands.ledger.open();
    let asked = 0;
    commands = startCommands({
      openLedger: () =>
        Promise.resolve({
          ...ledger,
          spending: (from, to) => {
            asked += 1;
            return asked > 2 ? Promise.reject(new StoreError('timeout', new Error('the reason'))) : ledger.spending(from, to);
          },
          close: () => {
            closed += 1;
            return Promise.resolve();
          },
        }),
    });
    const ran = await usage();
    expect([ran.code, ran.stdout, closed]).toEqual([1, '', 1]);
    expect(ran.stderr).toContain('the reason');
  });

  it('explains itself', async () => {
    expect(await usage('--help')).toMatchObject({ code: 0, stderr: '' });
  });
});
