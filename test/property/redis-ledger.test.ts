import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reserve } from '../../src/core/ledger/ledger.ts';
import { openMemoryState } from '../../src/core/ledger/memory-state.ts';
import type { Counter } from '../../src/core/limit.ts';
import { StoreError } from '../../src/ports/key-store.ts';
import { always, amounts, budget, concurrent, holdOf, tokens } from '../support/holds.ts';
import { startRedis, type RedisServer } from '../support/redis.ts';
import { compare } from './redis-compare.ts';
import { busyLife, wildLife } from './redis-lives.ts';
import { periodMs, startMsOfAll, step } from './redis-steps.ts';
import { openSubject, type Subject } from './redis-subject.ts';

/** A budget's counter is named after its period. */
const nameless = { ...always, id: '' };

describe('the scripts of the Redis store', () => {
  let server: RedisServer;
  let runs = 0;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  /** A fresh ledger, which is told the time. */
  const open = (nowMs: () => number): Promise<Subject> => {
    runs += 1;
    return openSubject(server, `run-${String(runs)}`, nowMs);
  };

  it('do what the pure ledger does, whatever is asked and whenever, one by one or together', async () => {
    const program = fc.record({
      steps: fc.array(step, { minLength: 1, maxLength: 50 }),
      isTogether: fc.boolean(),
      startMs: fc.nat(periodMs).map((offsetMs) => startMsOfAll + offsetMs),
    });
    await fc.assert(
      fc.asyncProperty(program, (one) => compare(open, one)),
      { numRuns: 300, endOnFailure: true },
    );
  });

  it.each([
    ['windows that are busy all the time, with settlements that come late', busyLife, 50],
    ['counters that are emptied and filled again, by many at once', wildLife, 200],
  ])('do so in the long life of %s', { timeout: 300_000 }, async (_name, life, numRuns) => {
    await fc.assert(
      fc.asyncProperty(life, fc.boolean(), (steps, isTogether) => compare(open, { steps, isTogether, startMs: startMsOfAll })),
      { numRuns, endOnFailure: true },
    );
  });

  it('do not grant again what another hold of the same script has ended for want of a place', async () => {
    let nowMs = startMsOfAll;
    const { ledger } = await open(() => nowMs);
    const late = holdOf([concurrent('places', 1)], { leaseMs: 1 });
    expect(await ledger.reserve(late)).toMatchObject({ kind: 'granted' });
    nowMs += 1;
    const answers = await Promise.all([ledger.reserve(holdOf([concurrent('places', 1)])), ledger.reserve(late)]);
    expect(answers.map(({ kind }) => kind)).toEqual(['granted', 'ended']);
    expect(await ledger.usage([concurrent('places', 1)])).toEqual([{ used: 1, pending: 0 }]);
    await ledger.close();
  });

  it.each([
    ['tokens', tokens('one', 100), concurrent('one', 100)],
    ['places', concurrent('one', 100), tokens('one', 100)],
    ['money', budget('one', 100, [nameless]), tokens('one|', 100)],
    ['tokens', tokens('one|', 100), budget('one', 100, [nameless])],
  ])('never take a counter of %s for one of another kind, and answer the others of the same script', async (_name, first, second) => {
    const { ledger } = await open(() => startMsOfAll);
    const ask = (counter: Counter): Promise<string> =>
      ledger.reserve(holdOf([counter], { amounts: { requests: 1, tokens: 7, nanoUsd: 7 } })).then(
        ({ kind }) => kind,
        (error: unknown) => (error instanceof StoreError ? error.code : String(error)),
      );
    for (let time = 0; time < 2; time += 1) {
      expect(await Promise.all([first, second, tokens('other', 100)].map(ask))).toEqual(['granted', 'bad_reply', 'granted']);
    }
    expect(await ledger.openHolds()).toBe(4);
    expect(await ledger.usage([first, tokens('other', 100)])).toMatchObject([{ used: first.kind === 'concurrent' ? 2 : 14 }, { used: 14 }]);
    await ledger.close();
  });

  it('tell when there is room by what the same script has put into a window, too', async () => {
    let nowMs = startMsOfAll;
    const { ledger } = await open(() => nowMs);
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

  it('are told the period that they have named, where their clock stands still in its last millisecond and ours goes on', async () => {
    const { ledger } = await open(() => startMsOfAll);
    const [last, next] = [
      { id: 'last', fromMs: 0, toMs: startMsOfAll + 1 },
      { id: 'next', fromMs: startMsOfAll + 1, toMs: Number.MAX_SAFE_INTEGER },
    ];
    for (let count = 1; count <= 200; count += 1) {
      const answer = await ledger.reserve(holdOf([budget('b', 200, [last, next])], { amounts: amounts({ nanoUsd: 1 }) }));
      expect(answer).toEqual({ kind: 'granted', atMs: startMsOfAll });
    }
    await ledger.close();
  });

  it('are exact again once a figure that no sum can hold has left its window', async () => {
    let nowMs = startMsOfAll;
    const { ledger } = await open(() => nowMs);
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
