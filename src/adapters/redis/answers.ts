import type { ReserveAnswer, SettleAnswer } from '../../core/ledger/hold.ts';
import type { Usage } from '../../ports/ledger.ts';
import { ENDED, GRANTED, REFUSED } from './codes.ts';
import { badReply, parseList } from './server.ts';

const digits = /^\d+$/;

/** Integers, some of them as text. Throws `StoreError` `bad_reply`: what is not understood is never a grant. */
export function parseNumbers(answer: unknown): readonly number[] {
  return parseList(answer).map((value) => {
    const number = typeof value === 'string' && digits.test(value) ? Number(value) : value;
    return typeof number === 'number' ? number : unreadable();
  });
}

/** Of what `reserve` answers, all but the store's questions about periods and places. */
export function parseReserve([code, atMs, index, retryAfterMs]: readonly number[]): ReserveAnswer {
  if (code === GRANTED && atMs !== undefined) {
    return { kind: 'granted', atMs };
  }
  if (code === REFUSED && atMs !== undefined && index !== undefined && retryAfterMs !== undefined) {
    return { kind: 'refused', shortage: { index, retryAfterMs: retryAfterMs < 0 ? undefined : retryAfterMs }, atMs };
  }
  return code === ENDED ? { kind: 'ended' } : unreadable();
}

const settleAnswers: readonly SettleAnswer[] = ['unknown', 'settled', 'ended'];

export const parseSettle = ([answer = -1]: readonly number[]): SettleAnswer => settleAnswers[answer] ?? unreadable();

export function parseUsage([, , ...figures]: readonly number[], count: number): readonly Usage[] {
  return Array.from({ length: count }, (_, index) => ({
    used: figures[2 * index] ?? unreadable(),
    pending: figures[2 * index + 1] ?? unreadable(),
  }));
}

export function unreadable(): never {
  throw badReply('the numbers that were asked for');
}
