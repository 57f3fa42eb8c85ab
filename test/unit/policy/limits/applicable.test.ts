import { describe, expect, it } from 'vitest';
import type { LimitLevel, LimitRule } from '../../../../src/core/limit.ts';
import { applicableLimits, observesOnly, type LimitTables, type PolicyAssignments } from '../../../../src/policy/limits/applicable.ts';
import { countersOf } from '../../../../src/policy/limits/counters.ts';
import { limitReached } from '../../../../src/policy/limits/refusal.ts';
import type { Caller } from '../../../../src/core/caller.ts';
import { CALLER } from '../../../support/callers.ts';

const callerOf = (changes: Partial<Caller>): Caller => ({ ...CALLER, ...changes });
const requests = (limit: number, model?: string): LimitRule => ({ kind: 'requests', limit, windowMs: 60_000, model, storeAway: 'deny' });
const budget = (limit: number): LimitRule => ({ kind: 'budget', limit, period: 'month', model: undefined, storeAway: 'deny' });

const none: LimitTables = {
  global: [],
  models: new Map(),
  each: new Map(),
  policies: new Map(),
  observing: new Set(),
  timeZone: 'UTC',
  timeZoneOfTeam: new Map([['finance', 'Asia/Kolkata']]),
  any: true,
};
const assignments: PolicyAssignments = {
  keyPolicy: 'of-key',
  teams: new Map([
    ['finance', { policy: 'of-team' }],
    ['audit', { policy: 'of-audit' }],
  ]),
  teamOfClient: new Map([['shared-app', 'audit']]),
  clients: new Map([['ledger-app', { policy: 'of-client' }]]),
  tiers: new Map([['gold', { policy: 'of-tier' }]]),
};
const caller = callerOf({ client: 'ledger-app', key: '0123456789', user: 'ann', team: 'finance', tier: 'gold', address: '203.0.113.9' });

const places = (tables: Partial<LimitTables>, who = caller, model = 'large'): readonly string[] =>
  applicableLimits(who, model, assignments, { ...none, ...tables }).map(({ level, subject }) => `${level} ${subject}`.trim());

const applied = (...rules: readonly LimitRule[]) =>
  rules.map((rule) => ({ level: 'team' as const, subject: 'a|b', rule, timeZone: 'UTC' }));

const refusal = (rule: LimitRule, retryAfterMs: number | undefined) => {
  const [counted] = countersOf([{ level: 'team', subject: 'finance', rule, timeZone: 'UTC' }], () => []);
  if (counted === undefined) {
    throw new Error('no counter');
  }
  return limitReached(counted, { index: 0, retryAfterMs }).denial;
};

describe('the limits of an exchange', () => {
  it('are those of every level at once', () => {
    const levels: readonly LimitLevel[] = ['user', 'key', 'client', 'team', 'tier', 'address'];
    const all = places({
      global: [requests(1)],
      models: new Map([['large', [requests(2)]]]),
      each: new Map(levels.map((level) => [level, [requests(3)]])),
    });
    expect(all).toEqual([
      'global',
      'model large',
      'team finance',
      'tier gold',
      'client ledger-app',
      'user ann',
      'key 0123456789',
      'address 203.0.113.9',
    ]);
  });

  it('of a policy count where the policy is assigned', () => {
    const policies = new Map(['of-key', 'of-client', 'of-team', 'of-tier', 'of-nobody'].map((name) => [name, [requests(1)]]));
    expect(places({ policies })).toEqual(['team finance', 'tier gold', 'client ledger-app', 'key 0123456789']);
  });

  it('of another model do not concern it', () => {
    expect(places({ global: [requests(1, 'small'), requests(1, 'large')], models: new Map([['small', [requests(1)]]]) })).toEqual([
      'global',
    ]);
  });

  it('of what a caller does not have do not exist; an address it has, whether it can be told or not', () => {
    const unknown = callerOf({ client: 'app', key: undefined, user: undefined, team: undefined, tier: undefined, address: undefined });
    const each = new Map((['user', 'key', 'team', 'tier', 'address', 'client'] as const).map((level) => [level, [requests(1)]]));
    expect(places({ each }, unknown)).toEqual(['client app', 'address unknown']);
  });

  it('of two teams hold both: the token’s and that of the settings', () => {
    const shared = callerOf({ client: 'shared-app', team: 'finance', key: undefined });
    expect(places({ each: new Map([['team', [requests(1)]]]) }, shared)).toEqual(['team finance', 'team audit']);
    expect(places({ each: new Map([['team', [requests(1)]]]) }, callerOf({ client: 'shared-app', team: 'audit', key: undefined }))).toEqual(
      ['team audit'],
    );
  });

  it('of an IPv6 address count its /64', () => {
    const each = new Map([['address', [requests(1)]]] as const);
    expect(places({ each }, callerOf({ address: '2001:db8:1:2:3:4:5:6' }))).toEqual(['address 2001:db8:1:2::/64']);
  });

  it('have the time zone of the organisation that the subject is always of, so that each counter has one calendar', () => {
    const levels = ['user', 'key', 'client', 'team', 'tier', 'address'] as const;
    const tables = { ...none, global: [budget(1)], each: new Map(levels.map((level) => [level, [budget(1)]])) };
    const zones = (who: Caller): object =>
      Object.fromEntries(applicableLimits(who, 'large', assignments, tables).map(({ level, timeZone }) => [level, timeZone]));
    const here = { team: 'Asia/Kolkata', key: 'Asia/Kolkata' };
    const shared = { global: 'UTC', tier: 'UTC', client: 'UTC', user: 'UTC', address: 'UTC' };
    expect(zones(caller)).toEqual({ ...shared, ...here });
    const owned = { ...assignments, teamOfClient: new Map([['ledger-app', 'finance']]) };
    expect(applicableLimits(caller, 'large', owned, tables).find(({ level }) => level === 'client')?.timeZone).toBe('Asia/Kolkata');
  });
});

describe('a stream that was left', () => {
  it.each<[string, readonly string[], Caller, boolean]>([
    ['every policy says so', ['of-key', 'of-client', 'of-team', 'of-tier'], caller, true],
    ['one policy of several does not', ['of-key', 'of-client', 'of-team'], caller, false],
    ['only the policy of its client does', ['of-client'], caller, false],
    ['both teams of its caller do', ['of-team', 'of-audit', 'of-key'], callerOf({ client: 'shared-app', team: 'finance', key: 'a' }), true],
    ['only one of two teams does', ['of-team', 'of-key'], callerOf({ client: 'shared-app', team: 'finance', key: 'a' }), false],
  ])('is charged by what was seen of it where %s: %j', (_, observing, who, expected) => {
    expect(observesOnly(who, assignments, { ...none, observing: new Set(observing) })).toBe(expected);
  });

  it('is charged what was held where no policy is assigned', () => {
    const unknown = callerOf({ client: 'app', key: undefined, user: undefined, team: undefined, tier: undefined, address: undefined });
    expect(observesOnly(unknown, assignments, { ...none, observing: new Set(['of-key']) })).toBe(false);
  });
});

describe('the counters of limits', () => {
  const period = { id: '2026-11', fromMs: 0, toMs: 1 };

  it('are one where two limits count the same thing, and the tighter one decides', () => {
    const counted = countersOf(applied(requests(9), requests(5), requests(7)), () => []);
    expect(counted.map(({ counter }) => counter.limit)).toEqual([5]);
  });

  it.each([
    ['allow', 'allow', 'allow'],
    ['allow', 'deny', 'deny'],
    ['deny', 'allow', 'deny'],
  ] as const)('are one that, where the tighter says %s and the other %s while the store is away, does %s', (tighter, other, together) => {
    const rules: readonly LimitRule[] = [
      { ...requests(5), storeAway: tighter },
      { ...requests(7), storeAway: other },
    ];
    for (const order of [rules, rules.toReversed()]) {
      const counted = countersOf(applied(...order), () => []);
      expect(counted.map(({ counter, limit }) => [counter.limit, limit.rule.storeAway])).toEqual([[5, together]]);
    }
  });

  it('are apart by kind, span, model and subject', () => {
    const rules: readonly LimitRule[] = [
      requests(1),
      requests(1, 'large'),
      { kind: 'requests', limit: 1, windowMs: 3_600_000, model: undefined, storeAway: 'deny' },
      { kind: 'tokens', limit: 1, windowMs: 60_000, model: undefined, storeAway: 'deny' },
      { kind: 'concurrent', limit: 1, model: undefined, storeAway: 'deny' },
      budget(1),
    ];
    const counted = countersOf(applied(...rules), () => [period]);
    expect(new Set(counted.map(({ counter }) => counter.key)).size).toBe(rules.length);
    expect(counted.at(-1)?.counter).toMatchObject({ kind: 'budget', periods: [period] });
  });
});

describe('the refusal of a limit', () => {
  it('of a rate says when to come back', () => {
    expect(refusal(requests(60), 1_001)).toEqual({
      code: 'limit_exceeded',
      detail: 'requests team finance',
      publicHint: 'The limit: requests per 60 s, level team.',
      headers: [
        ['retry-after', '2'],
        ['ratelimit', '"requests-team";r=0;t=2'],
        ['ratelimit-policy', '"requests-team";q=60;w=60'],
      ],
    });
  });

  it('of a budget asks clients not to retry', () => {
    const { code, publicHint, headers } = refusal(budget(5), 3_600_000);
    expect([code, publicHint]).toEqual(['budget_exceeded', 'The budget: per month, level team.']);
    expect(headers?.map(([name]) => name)).toEqual(['x-should-retry', 'ratelimit', 'ratelimit-policy']);
  });

  it('Q5: of a budget that requests in progress hold says to come back soon', () => {
    const { code, publicHint, headers } = refusal(budget(5), 1_000);
    expect([code, publicHint]).toEqual(['limit_exceeded', 'The limit: budget per month, level team, held by requests in progress.']);
    expect(headers?.[0]).toEqual(['retry-after', '1']);
  });

  it('that no waiting lifts says so', () => {
    const { code, headers } = refusal({ kind: 'tokens', limit: 5, windowMs: 1_000, model: 'large', storeAway: 'deny' }, undefined);
    expect([code, headers]).toEqual(['request_over_limit', [['x-should-retry', 'false']]]);
  });

  it('of places in progress has no window', () => {
    const { publicHint, headers } = refusal({ kind: 'concurrent', limit: 5, model: 'large', storeAway: 'deny' }, 1_000);
    expect(publicHint).toBe('The limit: concurrent at once, level team, for this model.');
    expect(headers?.at(-1)).toEqual(['ratelimit-policy', '"concurrent-team";q=5']);
  });
});
