import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRedisLedger, type RedisLedger } from '../../src/adapters/redis/ledger.ts';
import { never } from '../../src/core/assert.ts';
import type { HoldRequest } from '../../src/core/ledger/hold.ts';
import { cancel, extend, reap, reserve, settle, usage } from '../../src/core/ledger/ledger.ts';
import { openMemoryState, type MemoryState } from '../../src/core/ledger/memory-state.ts';
import type { Amounts, Counter, Period } from '../../src/core/limit.ts';
import type { Spending } from '../../src/ports/ledger.ts';
import { account, amounts, budget, concurrent, holdOf, hourMs, requests, tokens } from '../support/holds.ts';
import { startRedis, type RedisServer } from '../support/redis.ts';

const nowAtStartMs = Date.now();
const waitMs = 20_000;
const ids = Array.from({ length: 12 }, (_, number) => `hold${String(number)}`);

/** Sums of many are exact still: of others, even the reference says only about how large they are. */
const giant = 2 ** 46;

/** Places in `countersOf`. */
const allPicks = [0, 1, 2, 3, 4, 5, 6, 7, 8];

/** Calendar of the tests: a period has three hours. */
const periodMs = 3 * hourMs;
const periodOf = (number: number): Period => ({ id: String(number), fromMs: number * periodMs, toMs: (number + 1) * periodMs });

interface Step {
  readonly what: 'reserve' | 'settle' | 'cancel' | 'extend' | 'reap' | 'wait';
  readonly id: string;
  readonly others: readonly string[];
  readonly amounts: Amounts;
  /** Which of the counters are named, and how tight they are. */
  readonly picks: readonly number[];
  readonly limit: number;
  readonly leaseMs: number;
  readonly passMs: number;
  /** Periods that the sidecar's clock is off by. */
  readonly skew: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom('reserve', 'reserve', 'reserve', 'reserve', 'settle', 'settle', 'cancel', 'extend', 'reap', 'wait', 'wait'),
  id: fc.constantFrom(...ids),
  others: fc.subarray(ids),
  amounts: fc.record({
    requests: fc.constantFrom(0, 1, 1, 1, 2),
    tokens: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.constantFrom(0, giant)),
    nanoUsd: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.constantFrom(0, Number.MAX_SAFE_INTEGER)),
  }),
  picks: fc.subarray([...allPicks]),
  limit: fc.oneof(fc.integer({ min: 0, max: 120 }), fc.constant(Number.MAX_SAFE_INTEGER)),
  leaseMs: fc.constantFrom(1, 1_000, 30_000, hourMs, 5 * hourMs),
  passMs: fc.oneof(
    fc.integer({ min: 0, max: 3_000 }),
    fc.constantFrom(1, 999, 1_000, 59_999, 60_000, 61_000, hourMs, periodMs, 25 * hourMs),
  ),
  skew: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1, 5),
});

function countersOf({ picks, limit, skew }: Step, nowMs: number): readonly Counter[] {
  const current = Math.floor(nowMs / periodMs) + skew;
  const periods = [periodOf(current - 1), periodOf(current), periodOf(current + 1)];
  const all = [
    requests('minute', limit, 60_000),
    tokens('minute tokens', limit, 60_000),
    requests('second', Math.min(limit, 3), 1_000),
    tokens('odd', limit, 7_777),
    tokens('hour', limit * 2 > Number.MAX_SAFE_INTEGER ? limit : limit * 2),
    concurrent('places', limit % 4),
    budget('money', limit, periods),
    budget('whole', limit, [{ id: 'all', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }]),
    tokens('quick', limit, 1_000),
  ];
  return picks.flatMap((pick) => all[pick] ?? []);
}

function requestOf(one: Step, nowMs: number): HoldRequest {
  const current = Math.floor(nowMs / periodMs) + one.skew;
  return {
    id: one.id,
    counters: countersOf(one, nowMs),
    amounts: one.amounts,
    leaseMs: one.leaseMs,
    account: { ...account, model: one.leaseMs > 1_000 ? 'long' : 'short' },
    days: [periodOf(current), periodOf(current + 1)],
  };
}

/** Some are admitted, time passes, and some of these and of the round before are settled. */
interface Round {
  readonly tokens: readonly number[];
  readonly settled: readonly number[];
  readonly from: readonly (0 | 1)[];
  readonly passMs: number;
  readonly leaseMs: number;
  readonly limit: number;
}

/** What is held of nothing leaves no trace in a window before it is settled: such lives are another matter. */
const roundOf = ({ isTraced, limit }: { readonly isTraced: boolean; readonly limit: number }): fc.Arbitrary<Round> =>
  fc.record({
    tokens: fc.array(isTraced ? fc.integer({ min: 1, max: 40 }) : fc.constantFrom(0, 0, 0, 7, 20), { minLength: 1, maxLength: 5 }),
    settled: fc.array(
      fc.oneof({ weight: 2_000, arbitrary: fc.integer({ min: 1, max: 60 }) }, { weight: 1, arbitrary: fc.constant(giant) }),
      { minLength: 5, maxLength: 5 },
    ),
    limit: fc.constant(limit),
    from: fc.array(fc.constantFrom(0, 1), { minLength: 5, maxLength: 5 }),
    passMs: fc.nat(40),
    leaseMs: fc.constantFrom(20, 500, 30_000),
  });

function stepsOf({ tokens: held, settled, from, passMs, leaseMs, limit }: Round, index: number): readonly Step[] {
  const common = { others: [], picks: [0, 3, 7, 8], limit, leaseMs, passMs, skew: 0 };
  const nothing = { requests: 0, tokens: 0, nanoUsd: 0 };
  const asked = held.map((count, number): Step => ({
    ...common,
    what: 'reserve',
    id: `${String(index)}.${String(number)}`,
    amounts: { ...nothing, requests: 1, tokens: count },
  }));
  const ended = settled.map((count, number): Step => ({
    ...common,
    what: 'settle',
    id: `${String(index - (from[number] ?? 0))}.${String(number)}`,
    amounts: { ...nothing, requests: 1, tokens: count },
  }));
  const pause: Step = { ...common, what: 'wait', id: '', amounts: nothing };
  return [...asked, pause, ...ended, pause];
}

const sorted = (lines: readonly Spending[]): readonly string[] =>
  lines
    .map(({ day, team, client, key, user, model, requests: count, tokens: used, nanoUsd }) =>
      JSON.stringify([day, team, client, key, user, model, count, used, nanoUsd]),
    )
    .toSorted();

interface Pair {
  readonly actual: Promise<unknown>;
  readonly expected: unknown;
}

/** The same on both. */
function perform(ledger: RedisLedger, state: MemoryState, one: Step, nowMs: number): Pair {
  switch (one.what) {
    case 'reserve': {
      const request = requestOf(one, nowMs);
      return { actual: ledger.reserve(request), expected: reserve(state, request, nowMs) };
    }
    case 'settle':
      return { actual: ledger.settle(one.id, one.amounts), expected: settle(state, one.id, one.amounts, nowMs) };
    case 'cancel':
      return { actual: ledger.cancel(one.id), expected: cancel(state, one.id, nowMs) };
    case 'extend':
      return { actual: ledger.extend(one.others, one.leaseMs), expected: extend(state, one.others, one.leaseMs, nowMs) };
    case 'reap':
      return { actual: ledger.reap(), expected: reap(state, nowMs) };
    case 'wait':
      return { actual: Promise.resolve(), expected: undefined };
    default:
      return never(one.what);
  }
}

/** Neighbours of one kind, which the adapter sends in one script where they are asked for at once. */
function grouped(steps: readonly Step[], isTogether: boolean): readonly (readonly Step[])[] {
  const groups: Step[][] = [];
  for (const one of steps) {
    const group = groups.at(-1);
    if (isTogether && one.what !== 'wait' && group?.every(({ what, id }) => what === one.what && id !== one.id) === true) {
      group.push(one);
    } else {
      groups.push([one]);
    }
  }
  return groups;
}

interface Program {
  readonly steps: readonly Step[];
  readonly isTogether: boolean;
  readonly startMs: number;
}

/** After each step everything that can be seen has to be the same on both. */
async function compare(open: (nowMs: () => number) => Promise<RedisLedger>, { steps, isTogether, startMs }: Program): Promise<void> {
  const state = openMemoryState();
  let nowMs = startMs;
  const ledger = await open(() => nowMs);
  try {
    for (const group of grouped(steps, isTogether)) {
      const pairs = group.map((one) => perform(ledger, state, one, nowMs));
      expect(await Promise.all(pairs.map(({ actual }) => actual))).toEqual(pairs.map(({ expected }) => expected));
      const [one] = group;
      if (one !== undefined) {
        nowMs += one.what === 'wait' ? one.passMs : 0;
        const counters = countersOf({ ...one, picks: allPicks, skew: 0 }, nowMs);
        expect(await ledger.usage(counters)).toEqual(usage(state, counters, nowMs));
        expect(await ledger.openHolds()).toBe(state.openHolds());
      }
    }
    expect(sorted(await ledger.spending('', '~'))).toEqual(sorted(state.spending('', '~')));
  } finally {
    await ledger.close();
  }
}

describe('the scripts of the Redis store', () => {
  let server: RedisServer;
  let runs = 0;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  /** A fresh ledger, which is told the time. */
  const open = (nowMs: () => number): Promise<RedisLedger> => {
    runs += 1;
    return openRedisLedger({
      url: server.url,
      domain: `run-${String(runs)}`,
      openWaitMs: waitMs,
      reserveWaitMs: waitMs,
      answerWaitMs: waitMs,
      time: { source: 'argument', nowMs },
    });
  };

  it('do what the pure ledger does, whatever is asked and whenever, one by one or together', async () => {
    const program = fc.record({
      steps: fc.array(step, { minLength: 1, maxLength: 50 }),
      isTogether: fc.boolean(),
      startMs: fc.nat(periodMs).map((offsetMs) => nowAtStartMs + offsetMs),
    });
    await fc.assert(
      fc.asyncProperty(program, (one) => compare(open, one)),
      { numRuns: 150, endOnFailure: true },
    );
  });

  it('do so in the long life of windows that are busy all the time, with settlements that come late', { timeout: 300_000 }, async () => {
    const life = fc
      .record({ isTraced: fc.boolean(), limit: fc.constantFrom(300, 1_000_000) })
      .chain((kind) => fc.array(roundOf(kind), { minLength: 150, maxLength: 200, size: 'max' }));
    await fc.assert(
      fc.asyncProperty(life, fc.boolean(), (rounds, isTogether) =>
        compare(open, { steps: rounds.flatMap(stepsOf), isTogether, startMs: nowAtStartMs }),
      ),
      { numRuns: 4, seed: 7, endOnFailure: true },
    );
  });

  it('do not grant again what another hold of the same script has ended for want of a place', async () => {
    let nowMs = nowAtStartMs;
    const ledger = await open(() => nowMs);
    const late = holdOf([concurrent('places', 1)], { leaseMs: 1 });
    expect(await ledger.reserve(late)).toMatchObject({ kind: 'granted' });
    nowMs += 1;
    const answers = await Promise.all([ledger.reserve(holdOf([concurrent('places', 1)])), ledger.reserve(late)]);
    expect(answers.map(({ kind }) => kind)).toEqual(['granted', 'ended']);
    expect(await ledger.usage([concurrent('places', 1)])).toEqual([{ used: 1, pending: 0 }]);
    await ledger.close();
  });

  it('tell when there is room by what the same script has put into a window, too', async () => {
    let nowMs = nowAtStartMs;
    const ledger = await open(() => nowMs);
    const state = openMemoryState();
    const ask = (count: number): { readonly actual: Promise<unknown>; readonly expected: unknown } => {
      const request = holdOf([tokens('t', 100, 60_000)], { amounts: amounts({ tokens: count }) });
      return { actual: ledger.reserve(request), expected: reserve(state, request, nowMs) };
    };
    const first = ask(60);
    expect(await first.actual).toEqual(first.expected);
    nowMs += 5_000;
    const pairs = [ask(40), ask(50), ask(70)];
    expect(await Promise.all(pairs.map(({ actual }) => actual))).toEqual(pairs.map(({ expected }) => expected));
    expect(pairs[1]?.expected).toMatchObject({ kind: 'refused' });
    await ledger.close();
  });

  it('are exact again once a figure that no sum can hold has left its window', async () => {
    let nowMs = nowAtStartMs;
    const ledger = await open(() => nowMs);
    const quick = tokens('quick', Number.MAX_SAFE_INTEGER, 60_000);
    const admit = async (id: string): Promise<void> => {
      expect(await ledger.reserve(holdOf([quick], { id, amounts: amounts({}) }))).toMatchObject({ kind: 'granted' });
      nowMs += 1_000;
    };
    const figures = new Map([
      ['giant', Number.MAX_SAFE_INTEGER],
      ['three', 3],
      ['five', 5],
      ['seven', 7],
    ]);
    for (const id of figures.keys()) {
      await admit(id);
    }
    for (const [id, count] of figures) {
      await ledger.settle(id, amounts({ tokens: count }));
    }
    expect((await ledger.usage([quick]))[0]?.used).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
    nowMs += 57_000;
    expect(await ledger.usage([quick])).toEqual([{ used: 15, pending: 0 }]);
    await admit('nine');
    await ledger.settle('nine', amounts({ tokens: 9 }));
    expect(await ledger.usage([quick])).toEqual([{ used: 21, pending: 0 }]);
    await ledger.close();
  });
});
