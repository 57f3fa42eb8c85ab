import { describe, expect, it } from 'vitest';
import { openCalendar } from '../../../src/core/calendar.ts';
import type { Caller } from '../../../src/core/caller.ts';
import type { LimitRule } from '../../../src/core/limit.ts';
import { limitsOfCaller } from '../../../src/pipeline/caller-limits.ts';
import type { DecisionSettings } from '../../../src/pipeline/ports.ts';
import { parseSettings } from '../../../src/config/load.ts';
import { prepareDecisions } from '../../../src/prepare.ts';
import { CALLER } from '../../support/callers.ts';

const midnight = Date.UTC(2026, 10, 22);

const settingsWith = (limits: string, onDisconnect = 'hold'): DecisionSettings =>
  prepareDecisions(
    parseSettings(
      `
version: 1
listen: { grpc: 'unix:g.sock', sds: 'unix:s.sock', health: '127.0.0.1:0' }
edge: { listen: '127.0.0.1:0', certificate: 'file:tls.pem' }
store: sqlite:state.db
providers: { alpha: { api: openai, url: 'https://alpha.example', credential: { secret: 'file:alpha' } } }
models: { large: { targets: [{ provider: alpha, model: gpt-4o }] }, small: { targets: [{ provider: alpha, model: gpt-4o-mini }] } }
identity: { virtualKeys: { pepper: 'file:pepper' } }
policies: { standard: { models: ['*'], onDisconnect: ${onDisconnect}, limits: { requests: 5/min } }, tight: { models: ['*'], limits: { requests: 1/min } } }
teams: { finance: { policy: standard, clients: [ledger-app] } }
organisations: { acme: { timezone: Asia/Kolkata, teams: [finance] } }
limits: ${limits}
`,
      '/nowhere/sallyport.yaml',
    ),
  );

const caller: Caller = { ...CALLER, client: 'ledger-app', team: undefined, key: 'AAAAAAAAAA', user: 'ann', address: '203.0.113.9' };

function start(limits = '{}', onDisconnect?: string) {
  const given = { settings: settingsWith(limits, onDisconnect), nowMs: midnight - 1 };
  const calendar = openCalendar();
  const ports = { settings: () => given.settings, clock: () => given.nowMs, calendar };
  const of = (changes: Partial<Caller> = {}, model = 'large', keyPolicy?: string) =>
    limitsOfCaller(ports, { ...caller, ...changes }, keyPolicy, model);
  return { given, of };
}

const rulesOf = (found: ReturnType<typeof limitsOfCaller>): readonly LimitRule[] => found?.limits.map(({ limit }) => limit.rule) ?? [];

describe('the limits of a caller', () => {
  it('are the very same object for each of its requests, with their counters, line and days', () => {
    const { of } = start();
    const found = of();
    expect(found).toBe(of());
    expect(found?.counters).toEqual(found?.limits.map(({ counter }) => counter));
    expect(found).toMatchObject({
      account: { team: 'finance', client: 'ledger-app', key: 'AAAAAAAAAA', user: 'ann', model: 'large' },
      onDisconnect: 'hold',
    });
    expect(found?.days.map(({ id }) => id)).toContain('2026-11-22');
    expect(found?.kinds).toEqual(new Set(['requests']));
  });

  it.each<[string, Partial<Caller>, string, string | undefined]>([
    ['key', { key: 'BBBBBBBBBB' }, 'large', undefined],
    ['no key', { key: undefined }, 'large', undefined],
    ['user', { user: 'bob' }, 'large', undefined],
    ['address', { address: '203.0.113.10' }, 'large', undefined],
    ['model', {}, 'small', undefined],
    ['policy of the key', {}, 'large', 'tight'],
  ])('are not those of another %s', (_, changes, model, keyPolicy) => {
    const { of } = start('{ perUser: { requests: 9/min }, perAddress: { requests: 9/min }, perKey: { requests: 9/min } }');
    const own = of();
    const other = of(changes, model, keyPolicy);
    expect(other).not.toBe(own);
    expect([other?.account, other?.counters]).not.toEqual([own?.account, own?.counters]);
    expect(of()).toBe(own);
  });

  it('are found anew when a budget begins a new period, and when a day of the statement does', () => {
    const { given, of } = start('{ global: { budget: 5 USD/day } }');
    const budgetDay = (): readonly string[] | undefined =>
      of()?.counters.flatMap((counter) => (counter.kind === 'budget' ? counter.periods.map(({ id }) => id) : []));
    expect(budgetDay()).toEqual(['2026-11-20', '2026-11-21', '2026-11-22']);
    given.nowMs = midnight;
    expect(budgetDay()).toEqual(['2026-11-21', '2026-11-22', '2026-11-23']);
    given.nowMs = midnight - 1;
    expect(budgetDay()).toEqual(['2026-11-20', '2026-11-21', '2026-11-22']);
    // The day in Kolkata began five and a half hours earlier.
    const before = of();
    given.nowMs = midnight + 86_400_000 - 19_800_000;
    expect(of()).not.toBe(before);
  });

  it('are those of the settings in force', () => {
    const { given, of } = start();
    const before = of();
    given.settings = settingsWith('{ global: { requests: 3/min } }', 'observed');
    expect(rulesOf(of()).map(({ limit }) => limit)).toEqual([3, 5]);
    expect([before?.onDisconnect, of()?.onDisconnect]).toEqual(['hold', 'observed']);
  });

  it('are none where nothing limits the caller, and that is known too', () => {
    const { of } = start();
    expect(of({ client: 'nobody', team: undefined })).toBeUndefined();
    expect(of({ client: 'nobody', team: undefined })).toBeUndefined();
  });
});
