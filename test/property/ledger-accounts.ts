import { expect } from 'vitest';
import { never } from '../../src/core/assert.ts';
import { NOTHING, type Amounts, type Counter, type Period } from '../../src/core/limit.ts';
import type { Usage } from '../../src/ports/ledger.ts';
import { countersOf, type Answer, type Question } from './ledger-program.ts';

/** What is known of a hold from the answers alone. */
interface Entry {
  readonly id: string;
  readonly atMs: number;
  readonly levels: readonly number[];
  leaseEndsMs: number;
  isResolved: boolean;
  /** What stands for it: what it held, until it is settled or cancelled. */
  charge: Amounts;
}

type Reserve = Extract<Question, { readonly op: 'reserve' }>;

/** Books kept beside a ledger, by the true time of each admission and without sub-buckets: whatever the ledger grants must fit into them. */
export interface Accounts {
  /** Fails where the answer breaks a promise. */
  take(
    question: Question,
    answer: Answer,
    nowMs: number,
    usage: { readonly before: readonly Usage[]; readonly after: readonly Usage[] },
  ): void;
  /** What the statement must come to once no hold is open. */
  total(): Amounts;
}

const places = 3;

export function openAccounts(beganAtMs: number): Accounts {
  const entries: Entry[] = [];
  const counters = countersOf('', beganAtMs);
  const standing = (id: string): Entry | undefined => entries.findLast((entry) => entry.id === id && !entry.isResolved);

  const truly = (level: number, atMs: number): number => {
    const counter = counters[level];
    return counter === undefined
      ? Number.NaN
      : countedAt(
          counter,
          entries.filter((entry) => entry.levels.includes(level)),
          atMs,
        );
  };

  const admit = ({ id, levels, amounts, leaseMs }: Reserve, atMs: number): void => {
    entries.push({ id, atMs, levels, leaseEndsMs: atMs + leaseMs, isResolved: false, charge: amounts });
    for (const level of levels) {
      expect(truly(level, atMs)).toBeLessThanOrEqual(counters[level]?.limit ?? 0);
    }
  };

  const resolve = (id: string, answer: Answer, charge: Amounts): void => {
    if (answer === 'settled') {
      const entry = standing(id);
      // Resolved once: what was settled or cancelled before is no longer standing.
      expect(entry).toBeDefined();
      Object.assign(entry ?? {}, { isResolved: true, charge });
    }
  };

  const prolong = (ids: readonly string[], answer: Answer, leaseEndsMs: number): void => {
    const lost: readonly unknown[] = Array.isArray(answer) ? answer : ids;
    for (const id of ids.filter((each) => !lost.includes(each))) {
      Object.assign(standing(id) ?? {}, { leaseEndsMs });
    }
  };

  const follow = (question: Question, answer: Answer, nowMs: number): void => {
    switch (question.op) {
      case 'reserve':
        if (isGranted(answer) && standing(question.id)?.atMs !== answer.atMs) {
          expect(answer.atMs).toBe(nowMs);
          admit(question, nowMs);
        }
        return;
      case 'settle':
        return resolve(question.id, answer, question.amounts);
      case 'cancel':
        return resolve(question.id, answer, NOTHING);
      case 'extend':
        return prolong(question.ids, answer, nowMs + question.leaseMs);
      case 'reap':
        return;
      default:
        return never(question);
    }
  };

  return {
    take: (question, answer, nowMs, { before, after }) => {
      const known = entries.length;
      follow(question, answer, nowMs);
      for (const [level, usage] of after.entries()) {
        // Places whose lease has run out may still be taken, and the oldest sub-bucket is counted whole; money is exact.
        expect(usage.used).toBeGreaterThanOrEqual(truly(level, nowMs));
        if (counters[level]?.kind === 'budget') {
          expect(usage.used).toBe(truly(level, nowMs));
        }
        if (question.op === 'reserve' && entries.length === known && level !== places) {
          expect(usage.used).toBe(before[level]?.used);
        }
      }
    },
    total: () => ({
      requests: sum(entries.map(({ charge }) => charge.requests)),
      tokens: sum(entries.map(({ charge }) => charge.tokens)),
      nanoUsd: sum(entries.map(({ charge }) => charge.nanoUsd)),
    }),
  };
}

/** What truly counts in the window, period or moment that ends with `atMs`. */
function countedAt(counter: Counter, entries: readonly Entry[], atMs: number): number {
  switch (counter.kind) {
    case 'requests':
      return sum(entries.filter((entry) => entry.atMs > atMs - counter.windowMs).map(({ charge }) => charge.requests));
    case 'tokens':
      return sum(entries.filter((entry) => entry.atMs > atMs - counter.windowMs).map(({ charge }) => charge.tokens));
    case 'concurrent':
      return entries.filter((entry) => !entry.isResolved && entry.leaseEndsMs > atMs).length;
    case 'budget': {
      const period = counter.periods.find((each) => isIn(atMs, each));
      return sum(entries.filter((entry) => period !== undefined && isIn(entry.atMs, period)).map(({ charge }) => charge.nanoUsd));
    }
    default:
      return never(counter);
  }
}

const isIn = (ms: number, { fromMs, toMs }: Period): boolean => fromMs <= ms && ms < toMs;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const isGranted = (answer: Answer): answer is Extract<Answer, { readonly kind: 'granted' }> =>
  typeof answer === 'object' && 'kind' in answer && answer.kind === 'granted';
