import { describe, expect, it } from 'vitest';
import type { JournalHold } from '../../../../src/core/ledger/journal-hold.ts';
import { openJournalState, recentMsMax } from '../../../../src/core/ledger/journal-state.ts';
import { toldAgain } from '../../../../src/core/ledger/told-again.ts';
import type { Counter } from '../../../../src/core/limit.ts';
import { account, budget, concurrent, dayMs, hourMs, requests, tokens } from '../../../support/holds.ts';

const atMs = 100 * dayMs;
const day = { id: 'today', fromMs: atMs - hourMs, toMs: atMs + 23 * hourMs };
const month = { id: 'month', fromMs: atMs - 3 * dayMs, toMs: atMs + 20 * dayMs };
const counters: readonly Counter[] = [requests('r', 5), tokens('t', 100, 60_000), concurrent('c', 2), budget('b', 1_000, [month])];
const held = { requests: 1, tokens: 20, nanoUsd: 300 };
const holdOf = (id: string, changes: Partial<JournalHold> = {}): JournalHold => ({
  id,
  atMs,
  counters,
  amounts: held,
  account,
  day,
  ...changes,
});

const endedAt = (nowMs: number, holds: readonly JournalHold[]) => {
  const state = openJournalState();
  for (const hold of holds) {
    state.held(hold);
    state.ended(hold.id, { requests: 1, tokens: 2, nanoUsd: 3 });
    state.acknowledged(hold.id, nowMs);
  }
  return state;
};

/** Once a minute has gone by. */
const foldedOf = (all: readonly JournalHold[]) => {
  const state = endedAt(atMs, all);
  state.held(holdOf('late'));
  state.ended('late', held);
  state.acknowledged('late', atMs + recentMsMax);
  return [...state.folded()];
};

describe('what a journal knows', () => {
  it('is open, then decided, then acknowledged with its true figure', () => {
    const state = openJournalState();
    state.held(holdOf('a'));
    expect([...state.open.keys()]).toEqual(['a']);
    state.ended('a', { requests: 1, tokens: 2, nanoUsd: 3 });
    expect([...state.decided]).toEqual([['a', { requests: 1, tokens: 2, nanoUsd: 3 }]]);
    state.acknowledged('a', atMs);
    expect([state.open.size, state.decided.size, [...state.recent()]]).toEqual([
      0,
      0,
      [holdOf('a', { amounts: { requests: 1, tokens: 2, nanoUsd: 3 } })],
    ]);
  });

  it('forgets what was cancelled, and what was never held', () => {
    const state = openJournalState();
    state.held(holdOf('a'));
    for (const id of ['a', 'b']) {
      state.ended(id, 'cancel');
      state.acknowledged(id, atMs);
    }
    state.ended('c', held);
    state.acknowledged('c', atMs);
    state.held(holdOf('d'));
    state.acknowledged('d', atMs);
    expect([state.open.size, state.decided.size, [...state.recent()], [...state.folded()]]).toEqual([0, 0, [], []]);
  });

  it('charges in full what a process left without an end, and leaves alone what it decided', () => {
    const state = openJournalState();
    state.held(holdOf('left'));
    state.held(holdOf('decided'));
    state.ended('decided', held);
    state.leave(atMs);
    expect([[...state.recent()].map(({ id }) => id), [...state.open.keys()]]).toEqual([['left'], ['decided']]);
  });

  it('adds up alike whether holds share their counters, line and day or each has its own', () => {
    const days = [day, { id: 'tomorrow', fromMs: day.toMs, toMs: day.toMs + dayMs }];
    const accounts = [account, { ...account, user: 'bob' }];
    const months = [month, { id: 'next', fromMs: month.toMs, toMs: month.toMs + 30 * dayMs }];
    const shared: readonly Counter[] = [requests('r', 5), tokens('t', 100, 60_000), concurrent('c', 2), budget('b', 1_000, months)];
    // Around the edges of sub-windows, days and periods, to and fro.
    const times = [
      0,
      59_999,
      60_000,
      1,
      999,
      1_000,
      60_001,
      23 * hourMs - 1,
      23 * hourMs,
      0,
      20 * dayMs - 1,
      20 * dayMs,
      19 * dayMs,
      40 * dayMs,
    ];
    const holds = times.flatMap((afterMs, index) =>
      accounts.map((of, number) => {
        const at = atMs + afterMs;
        const present = days.find(({ fromMs, toMs }) => fromMs <= at && at < toMs) ?? day;
        return holdOf(`${String(index)} ${String(number)}`, { atMs: at, counters: shared, account: of, day: present });
      }),
    );
    expect(foldedOf(holds)).toEqual(foldedOf(holds.map((hold) => structuredClone(hold))));
    expect(foldedOf(holds).length).toBeGreaterThan(15);
  });

  it('adds up after a minute what was charged to the same places, apart from places in use', () => {
    const state = endedAt(atMs, [holdOf('a'), holdOf('b'), holdOf('other', { account: { ...account, team: 'x' } })]);
    expect(state.recentFromMs()).toBe(0);
    state.held(holdOf('late'));
    state.ended('late', held);
    state.acknowledged('late', atMs + recentMsMax);
    expect([...state.recent()].map(({ id }) => id)).toEqual(['late']);
    expect([...state.folded()].map(({ amounts, counters: kept }) => [amounts, kept.map(({ key }) => key)])).toEqual([
      [{ requests: 2, tokens: 4, nanoUsd: 6 }, ['r', 't', 'b']],
      [{ requests: 1, tokens: 2, nanoUsd: 3 }, ['r', 't', 'b']],
    ]);
    expect([state.recentFromMs(), state.coversFromMs()]).toEqual([atMs + 1, 0]);
  });

  it('drops windows, budgets and days that are over, and adds up what is left', () => {
    const state = openJournalState();
    state.fold(holdOf('a'));
    state.fold(holdOf('b', { atMs: atMs + 5_000 }));
    expect([...state.folded()]).toHaveLength(2);
    state.prune(atMs + 2 * hourMs);
    expect([...state.folded()].map(({ amounts, counters: kept }) => [amounts.tokens, kept.map(({ key }) => key)])).toEqual([[40, ['b']]]);
    state.prune(month.toMs);
    expect([...state.folded()]).toEqual([]);
    state.fold(holdOf('line', { counters: [] }));
    state.prune(day.toMs);
    expect([...state.folded()]).toHaveLength(1);
  });

  it('adds up holds whose budget has no period around them by their other places', () => {
    const state = openJournalState();
    state.fold(holdOf('a', { atMs: month.toMs }));
    state.fold(holdOf('b', { atMs: month.toMs }));
    expect([...state.folded()].map(({ amounts }) => amounts.requests)).toEqual([2]);
  });

  it('gives up the oldest sums beyond 20,000, and says since when it is whole', () => {
    const state = openJournalState();
    const one = (number: number, window: number): JournalHold =>
      holdOf(`h${String(number)}`, { atMs: atMs + number, counters: [requests(`r${String(number)}`, 5, window)] });
    // Those that count no more go first, and are no loss.
    for (let number = 0; number <= 20_000; number += 1) {
      state.fold(one(number, number < 12_000 ? 1 : hourMs));
    }
    expect([[...state.folded()].length, state.coversFromMs()]).toEqual([8_001, 0]);
    for (let number = 20_001; number <= 32_000; number += 1) {
      state.fold(one(number, hourMs));
    }
    expect([...state.folded()]).toHaveLength(10_000);
    expect(state.coversFromMs()).toBe(atMs + 32_000 - 10_000 + 1);
    expect(state.recentFromMs()).toBe(atMs + 32_001);
    state.coverFrom(atMs + 90_000);
    expect([state.coversFromMs(), state.recentFromMs()]).toEqual([atMs + 90_000, atMs + 90_000]);
  });

  it('keeps 10,000 ended holds one by one, and adds up those before', () => {
    const state = endedAt(
      atMs,
      Array.from({ length: 10_010 }, (_, number) => holdOf(`h${String(number)}`)),
    );
    expect([[...state.recent()].length, [...state.folded()].map(({ amounts }) => amounts.requests)]).toEqual([10_000, [10]]);
  });
});

const underLimit = (limit: number): readonly Counter[] => counters.map((counter) => ({ ...counter, limit }));

describe('a limit that the settings have changed meanwhile', () => {
  it.each([
    ['raised', 10, 70],
    ['lowered', 70, 10],
  ])('and %s is the highest that holds were admitted under: no more than that can have been lost', (_how, first, second) => {
    const all = [holdOf('a', { counters: underLimit(first) }), holdOf('b', { counters: underLimit(second) })];
    const folded = foldedOf(all);
    expect(folded).toHaveLength(1);
    expect(folded[0]?.counters.map(({ limit }) => limit)).toEqual([70, 70, 70]);
    const again = all.map((hold) => ({ ...hold, days: [day], leaseMs: 1, end: undefined }));
    expect(toldAgain(again, 0, atMs).map(({ counter, amount }) => [counter.limit, amount])).toEqual([
      [70, 2],
      [70, 40],
      [70, 2],
      [70, 600],
    ]);
  });
});

const told = (changes: object, sinceMs = 0, nowMs = atMs + 1_000) =>
  toldAgain([{ ...holdOf('a'), days: [day], leaseMs: 1, end: held, ...changes }], sinceMs, nowMs).map(({ counter, fromMs, amount }) => [
    counter.key,
    fromMs,
    amount,
  ]);

describe('what is told again', () => {
  it('is named by counter, with when its window or period began', () => {
    expect(told({})).toEqual([
      ['r', atMs + 1_000 - hourMs, 1],
      ['t', atMs + 1_000 - 60_000, 20],
      ['b', month.fromMs, 300],
    ]);
    expect(told({ end: undefined })).toContainEqual(['c', undefined, 1]);
  });

  it('leaves out what counts no more, what was cancelled, and what was not lost', () => {
    expect(told({}, 0, atMs + 2 * hourMs)).toEqual([['b', month.fromMs, 300]]);
    expect(told({}, 0, month.toMs)).toEqual([]);
    expect(told({ end: 'cancel' })).toEqual([]);
    expect(told({}, atMs + 1)).toEqual([]);
    expect(told({ atMs: month.toMs })).not.toContainEqual(expect.arrayContaining(['b']));
  });

  it('adds up over holds', () => {
    const hold = { ...holdOf('a'), days: [day], leaseMs: 1, end: held };
    expect(toldAgain([hold, { ...hold, id: 'b' }], 0, atMs).find(({ counter }) => counter.key === 't')?.amount).toBe(40);
  });
});
