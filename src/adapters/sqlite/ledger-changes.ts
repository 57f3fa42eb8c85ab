import { mustBeAmounts, mustBeHold, mustBeLease } from '../../core/ledger/check.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { LedgerMemory } from './ledger-memory.ts';

export interface ChangeWaits {
  readonly reserveWaitMs: number;
  readonly settleWaitMs: number;
}

/** What is wrong with a question is found before it shares a transaction with others. */
export const openChanges = (
  memory: LedgerMemory,
  { reserveWaitMs, settleWaitMs }: ChangeWaits,
): Pick<Ledger, 'reserve' | 'extend' | 'settle' | 'cancel' | 'reap'> => ({
  reserve: async (request) => {
    mustBeHold(request);
    return (await memory.change('reserved', { op: 'reserve', request }, reserveWaitMs)).answer;
  },
  extend: async (ids, leaseMs) => {
    mustBeLease(leaseMs);
    return (await memory.change('ids', { op: 'extend', ids, leaseMs }, settleWaitMs)).ids;
  },
  settle: async (id, amounts) => {
    mustBeAmounts(amounts);
    return (await memory.change('finished', { op: 'settle', id, amounts }, settleWaitMs)).answer;
  },
  cancel: async (id) => (await memory.change('finished', { op: 'cancel', id }, settleWaitMs)).answer,
  reap: async () => (await memory.change('count', { op: 'reap' }, settleWaitMs)).count,
});
