import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ReserveAnswer } from '../../../src/core/ledger/hold.ts';
import { NOTHING, type LimitRule } from '../../../src/core/limit.ts';
import { openHolds, type HoldQuestion } from '../../../src/pipeline/holds.ts';
import { StoreError } from '../../../src/ports/key-store.ts';
import type { Ledger } from '../../../src/ports/ledger.ts';
import { amounts, underLimits } from '../../support/holds.ts';

const away = (): never => {
  throw new StoreError('timeout', new Error('no answer'));
};

/** A store that answers what it is told to, and notes what it is asked. */
function startLedger() {
  const asked: string[] = [];
  const given = { isAway: false, reserve: { kind: 'granted', atMs: 0 } as ReserveAnswer };
  const answer = async <Value>(question: string, value: Value): Promise<Value> => {
    asked.push(question);
    await Promise.resolve();
    return given.isAway ? away() : value;
  };
  const ledger: Ledger = {
    reserve: ({ id }) => answer(`reserve ${id}`, given.reserve),
    extend: (ids, leaseMs) => answer(`extend ${ids.join()} ${String(leaseMs)}`, []),
    settle: (id, figures) => answer(`settle ${id} ${String(figures.tokens)}`, 'settled'),
    cancel: (id) => answer(`cancel ${id}`, 'settled'),
    reap: () => answer('reap', 0),
    openHolds: () => answer('openHolds', 0),
    usage: () => answer('usage', []),
    spending: () => answer('spending', []),
    epoch: () => answer('epoch', ''),
  };
  return { ledger, asked: () => asked.filter((question) => question !== 'reap'), reaped: () => asked.includes('reap'), given };
}

const rule = (storeAway: LimitRule['storeAway']): LimitRule => ({
  kind: 'requests',
  limit: 5,
  windowMs: 60_000,
  model: undefined,
  storeAway,
});
const questionWith = (...storeAways: readonly LimitRule['storeAway'][]): HoldQuestion => ({
  under: underLimits(
    storeAways.map((storeAway, index) => ({ level: 'team', subject: String(index), rule: rule(storeAway), timeZone: 'UTC' })),
    [],
  ),
  amounts: amounts({ requests: 1, tokens: 70 }),
});
const question = questionWith('deny');

function start() {
  const store = startLedger();
  const noted: string[] = [];
  let ids = 0;
  const holds = openHolds({
    ledger: store.ledger,
    telemetry: {
      hold: (outcome) => noted.push(outcome),
      limitReached: (kind, level) => noted.push(`${kind} ${level}`),
    },
    newId: () => `id${String((ids += 1))}`,
  });
  return { ...store, holds, noted };
}

const soon = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a hold', () => {
  it('that is granted is resolved once, by the first word', async () => {
    const { holds, asked, noted } = start();
    const outcome = await holds.take(question);
    expect(outcome).toMatchObject({ kind: 'next', found: { id: 'id1', amounts: question.amounts } });
    expect(holds.open()).toBe(1);
    if (outcome.kind === 'next') {
      outcome.found?.settle(amounts({ requests: 1, tokens: 12 }));
      outcome.found?.cancel();
      outcome.found?.settle(NOTHING);
    }
    await soon();
    expect(asked()).toEqual(['reserve id1', 'settle id1 12']);
    expect([holds.open(), holds.unacknowledged(), noted]).toEqual([0, 0, ['granted']]);
  });

  it('that a limit refuses is a denial that names the limit', async () => {
    const { holds, given, asked, noted } = start();
    given.reserve = { kind: 'refused', shortage: { index: 1, retryAfterMs: 4_000 }, atMs: 0 };
    const outcome = await holds.take(questionWith('deny', 'deny'));
    expect(outcome).toMatchObject({ kind: 'deny', denial: { code: 'limit_exceeded', detail: 'requests team 1' } });
    expect([holds.open(), asked(), noted]).toEqual([0, ['reserve id1'], ['refused', 'requests team']]);
  });

  it.each<ReserveAnswer>([
    { kind: 'clock', atMs: 0 },
    { kind: 'ended' },
    { kind: 'refused', shortage: { index: 9, retryAfterMs: 1 }, atMs: 0 },
  ])('that is answered by %j could not be decided, which is never a 429', async (reserve) => {
    const { holds, given, noted } = start();
    given.reserve = reserve;
    expect(await holds.take(question)).toMatchObject({ kind: 'fault', fault: { cause: 'store' } });
    expect([holds.open(), noted]).toEqual([0, ['unavailable']]);
  });

  it('keeps its lease while it is open', async () => {
    const { holds, asked, reaped } = start();
    const outcome = await holds.take(question);
    await soon(10_000);
    expect(asked()).toEqual(['reserve id1', 'extend id1 30000']);
    expect(reaped()).toBe(true);
    if (outcome.kind === 'next') {
      outcome.found?.cancel();
    }
    await soon(10_000);
    expect(asked()).toEqual(['reserve id1', 'extend id1 30000', 'cancel id1']);
  });
});

describe('while the store is away', () => {
  it('a request is refused, and a hold that may have been taken is cancelled until that is acknowledged (Q16)', async () => {
    const { holds, given, asked, noted } = start();
    given.isAway = true;
    expect(await holds.take(question)).toMatchObject({ kind: 'fault', fault: { step: 'limits', cause: 'store' } });
    await soon(60_000);
    expect(asked().filter((each) => each === 'cancel id1').length).toBeGreaterThan(5);
    expect(holds.unacknowledged()).toBe(1);
    given.isAway = false;
    await soon(10_000);
    expect([holds.unacknowledged(), noted]).toEqual([0, ['unavailable']]);
  });

  it('a request is let through uncounted where every limit says so, and refused where one does not', async () => {
    const { holds, given, noted } = start();
    given.isAway = true;
    expect(await holds.take(questionWith('allow', 'allow'))).toEqual({ kind: 'next', found: undefined });
    expect(await holds.take(questionWith('allow', 'deny'))).toMatchObject({ kind: 'fault' });
    expect(noted).toEqual(['uncounted', 'unavailable']);
  });

  it('settlements wait, and none is lost', async () => {
    const { holds, given, asked } = start();
    const outcomes = await Promise.all(Array.from({ length: 200 }, () => holds.take(question)));
    given.isAway = true;
    for (const outcome of outcomes) {
      if (outcome.kind === 'next') {
        outcome.found?.settle(amounts({ tokens: 1 }));
      }
    }
    await soon(20_000);
    expect(holds.unacknowledged()).toBe(200);
    given.isAway = false;
    await soon(20_000);
    expect(holds.unacknowledged()).toBe(0);
    expect(new Set(asked().filter((each) => each.startsWith('settle'))).size).toBe(200);
  });

  it('an error that is not the store’s is not taken for one', async () => {
    const { ledger, holds } = start();
    ledger.reserve = () => Promise.reject(new TypeError('a bug'));
    await expect(holds.take(question)).rejects.toThrow(TypeError);
  });
});

describe('closing', () => {
  it('waits for what the store has not acknowledged, but not for ever', async () => {
    const { holds, given } = start();
    const outcome = await holds.take(question);
    given.isAway = true;
    if (outcome.kind === 'next') {
      outcome.found?.settle(NOTHING);
    }
    let closed = false;
    const closing = holds.close(5_000).then(() => (closed = true));
    await soon(4_000);
    expect(closed).toBe(false);
    await soon(1_000);
    await closing;
    expect(holds.unacknowledged()).toBe(1);
  });

  it('is done at once where everything is acknowledged', async () => {
    const { holds } = start();
    await holds.take(question);
    await holds.close(5_000);
  });
});
