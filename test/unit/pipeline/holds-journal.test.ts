import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HoldEnd } from '../../../src/core/ledger/restore.ts';
import type { LimitRule } from '../../../src/core/limit.ts';
import { openHolds, type HoldQuestion } from '../../../src/pipeline/holds.ts';
import { JournalError, type GrantedHold } from '../../../src/ports/journal.ts';
import { account, always, amounts, underLimits } from '../../support/holds.ts';
import { openMemoryLedger } from '../../support/memory-ledger.ts';

const nowMs = Date.UTC(2026, 10, 21);
const settled = amounts({ requests: 1, tokens: 12 });

const questionWith = (storeAway: LimitRule['storeAway']): HoldQuestion => ({
  under: underLimits(
    [
      {
        level: 'team',
        subject: 'a',
        rule: { kind: 'requests', limit: 5, windowMs: 60_000, model: undefined, storeAway },
        timeZone: 'UTC',
      },
    ],
    [always],
  ),
  amounts: amounts({ requests: 1, tokens: 70 }),
});

/** Holds over the pure ledger, and a journal that notes what it is told. */
function start(unacknowledged = new Map<string, HoldEnd>()) {
  const store = openMemoryLedger(nowMs);
  const noted: string[] = [];
  const given = { isFull: false, held: new Array<GrantedHold>() };
  let ids = 0;
  const holds = openHolds({
    ledger: store.open(),
    journal: {
      held: (hold) => {
        if (given.isFull) {
          return Promise.reject(new JournalError('full'));
        }
        noted.push(`held ${hold.id}`);
        given.held.push(hold);
        return Promise.resolve();
      },
      ended: (id, end) => {
        noted.push(`ended ${id} ${end === 'cancel' ? end : String(end.tokens)}`);
      },
      acknowledged: (id) => {
        noted.push(`acknowledged ${id}`);
      },
      unacknowledged: () => unacknowledged,
    },
    telemetry: { hold: (outcome) => noted.push(outcome), limitReached: () => undefined },
    newId: () => `id${String((ids += 1))}`,
  });
  return { store, holds, noted, given };
}

const soon = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the journal of holds', () => {
  it('knows a hold before its request is released, its end when it is decided, and when the store knows it', async () => {
    const { holds, noted, given } = start();
    const taken = await holds.take(questionWith('deny'));
    expect(noted).toEqual(['held id1', 'granted']);
    expect(given.held).toMatchObject([{ id: 'id1', atMs: nowMs, account, days: [always], counters: [{ kind: 'requests' }] }]);
    if (taken.kind === 'next') {
      taken.found?.settle(settled);
    }
    expect(noted.slice(2)).toEqual(['ended id1 12']);
    await soon();
    expect(noted.slice(2)).toEqual(['ended id1 12', 'acknowledged id1']);
  });

  it('that cannot be written refuses what a strict limit guards, and takes back what the store granted', async () => {
    const { holds, noted, given, store } = start();
    given.isFull = true;
    expect(await holds.take(questionWith('deny'))).toMatchObject({
      kind: 'fault',
      fault: { step: 'limits', cause: 'store', detail: 'journal: full' },
    });
    await soon();
    expect(noted).toEqual(['ended id1 cancel', 'unavailable', 'acknowledged id1']);
    expect([holds.open(), store.state().openHolds()]).toEqual([0, 0]);
    expect(await holds.take(questionWith('allow'))).toEqual({ kind: 'next', found: undefined });
  });

  it('gives back after a restart what was decided, which is sent again until the store knows it, and not noted twice', async () => {
    const first = start();
    await first.holds.take(questionWith('deny'));
    const { store } = first;
    const asked: string[] = [];
    const ledger = store.open();
    const second = openHolds({
      ledger: {
        ...ledger,
        settle: (id, figures) => {
          asked.push(id);
          return asked.length < 3 ? Promise.reject(new Error('away')) : ledger.settle(id, figures);
        },
      },
      journal: {
        held: () => Promise.resolve(),
        ended: (id) => first.noted.push(`again ${id}`),
        acknowledged: (id) => first.noted.push(`acknowledged ${id}`),
        unacknowledged: () => new Map([['id1', settled]]),
      },
      telemetry: { hold: () => undefined, limitReached: () => undefined },
      newId: () => 'unused',
    });
    expect(second.unacknowledged()).toBe(1);
    await soon(10_000);
    expect([asked, second.unacknowledged()]).toEqual([['id1', 'id1', 'id1'], 0]);
    expect(first.noted).toEqual(['held id1', 'granted', 'acknowledged id1']);
    expect(store.state().spending('', '~')).toMatchObject([{ tokens: 12 }]);
  });
});
