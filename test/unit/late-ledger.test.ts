import { describe, expect, it } from 'vitest';
import { isAway, openLateLedger, type LateLedger, type LateLedgerOptions } from '../../src/late-ledger.ts';
import { StoreError } from '../../src/ports/key-store.ts';
import { account, holdOf, requests } from '../support/holds.ts';
import { openMemoryLedger } from '../support/memory-ledger.ts';
import { until } from '../support/wait.ts';

const refusedConnection = new StoreError('unreachable', new Error('connect ECONNREFUSED'));
const deadlineMs = 5_000;

/** One that is there from the given attempt on; what it has said, and how often it was looked for. */
function late(attemptsNeeded: number, changes: Partial<LateLedgerOptions<LateLedger>> = {}) {
  const memory = openMemoryLedger(1_000);
  const said: string[] = [];
  const state = { attempts: 0, openedAs: 0 };
  const ledger = openLateLedger<LateLedger>({
    open: () => {
      state.attempts += 1;
      return state.attempts < attemptsNeeded ? Promise.reject(refusedConnection) : Promise.resolve(memory.open());
    },
    opened: () => {
      state.openedAs += 1;
    },
    because: refusedConnection,
    failed: (reason) => {
      said.push(reason);
    },
    retryMs: 1,
    ...changes,
  });
  return { ledger, memory, said, state };
}

describe('a ledger that was away at the start', () => {
  it('answers nothing until it is there, and then everything', async () => {
    const gate = Promise.withResolvers<undefined>();
    const { memory, ledger, state } = late(1, {
      open: async () => {
        await gate.promise;
        return memory.open();
      },
    });
    const hold = holdOf([requests('r', 1)], { id: 'first' });
    const asked: readonly (() => Promise<unknown>)[] = [
      () => ledger.reserve(hold),
      () => ledger.extend(['first'], 1_000),
      () => ledger.settle('first', hold.amounts),
      () => ledger.cancel('first'),
      () => ledger.reap(),
      () => ledger.openHolds(),
      () => ledger.usage(hold.counters),
      () => ledger.spending('', '~'),
      () => ledger.epoch(),
    ];
    for (const ask of asked) {
      await expect(ask()).rejects.toMatchObject({ name: 'StoreError', code: 'unreachable' });
    }
    expect(ledger.healthy()).toBe(false);
    gate.resolve(undefined);
    await until(() => ledger.healthy(), { deadlineMs, what: 'the ledger to be there' });
    expect(state.openedAs).toBe(1);
    expect(await ledger.reserve(hold)).toMatchObject({ kind: 'granted' });
    expect(await ledger.extend(['first', 'other'], 1_000)).toEqual(['other']);
    expect(await ledger.openHolds()).toBe(1);
    expect(await ledger.usage(hold.counters)).toEqual([{ used: 1, pending: 0 }]);
    expect(await ledger.settle('first', hold.amounts)).toBe('settled');
    expect(await ledger.cancel('first')).toBe('ended');
    expect(await ledger.reap()).toBe(0);
    expect(await ledger.spending('', '~')).toMatchObject([{ client: account.client, requests: 1 }]);
    expect(await ledger.epoch()).toBeTypeOf('string');
    await ledger.close();
  });

  it('is looked for again and again, and says each reason once', async () => {
    const { ledger, said, state } = late(4);
    await until(() => ledger.healthy(), { deadlineMs, what: 'the ledger to be there' });
    expect(state).toEqual({ attempts: 4, openedAs: 1 });
    expect(said).toEqual(['unreachable: connect ECONNREFUSED']);
    await ledger.close();
    await expect(ledger.openHolds()).rejects.toThrow(StoreError);
  });

  it('says another reason too, one that will not pass by itself among them', async () => {
    const reasons = [refusedConnection, new StoreError('refused', new Error('WRONGPASS')), new Error('the password is missing')];
    const { ledger, said, memory } = late(1, {
      open: () => {
        const reason = reasons.shift();
        return reason === undefined ? Promise.resolve(memory.open()) : Promise.reject(reason);
      },
    });
    await until(() => ledger.healthy(), { deadlineMs, what: 'the ledger to be there' });
    expect(said).toEqual(['unreachable: connect ECONNREFUSED', 'refused: WRONGPASS', 'the password is missing']);
    await ledger.close();
  });

  it('is not looked for any more once it is closed', async () => {
    const { ledger, state } = late(Infinity, { retryMs: 3_600_000 });
    await ledger.close();
    expect(state).toEqual({ attempts: 0, openedAs: 0 });
  });

  it('is closed where it comes while it is being closed', async () => {
    const [gate, asked] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const found = openMemoryLedger(1_000).open();
    const { ledger, state } = late(1, {
      open: async () => {
        asked.resolve(undefined);
        await gate.promise;
        return found;
      },
    });
    await asked.promise;
    const closing = ledger.close();
    gate.resolve(undefined);
    await closing;
    expect(state.openedAs).toBe(0);
    await expect(found.openHolds()).rejects.toThrow(StoreError);
  });
});

it.each([
  [refusedConnection, true],
  [new StoreError('timeout'), true],
  [new StoreError('locked'), true],
  [new StoreError('refused'), false],
  [new StoreError('bad_reply'), false],
  [new Error('no password'), false],
])('%s: away is %s', (error, expected) => {
  expect(isAway(error)).toBe(expected);
});
