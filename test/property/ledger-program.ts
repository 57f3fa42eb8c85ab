import fc from 'fast-check';
import { never } from '../../src/core/assert.ts';
import type { ReserveAnswer, SettleAnswer } from '../../src/core/ledger/hold.ts';
import type { Amounts, Counter, Period } from '../../src/core/limit.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import { budget, concurrent, hourMs, holdOf, requests, tokens } from '../support/holds.ts';

export const leaseMsMax = 10 * 60_000;

/** After this everything has expired and may be ended. */
export const restMs = 2 * leaseMsMax;

const periodMs = 20 * 60_000;

/** Small limits, so that programs reach them. */
export const LIMITS = { requests: 8, hour: 100, minute: 40, places: 3, money: 120, all: 200 } as const;

/** Six levels of one program. Periods begin with the program, and so often that programs cross their edges. */
export function countersOf(name: string, beganAtMs: number): readonly Counter[] {
  const periods: readonly Period[] = Array.from({ length: 80 }, (_, number) => ({
    id: String(number),
    fromMs: number === 0 ? 0 : beganAtMs + number * periodMs,
    toMs: beganAtMs + (number + 1) * periodMs,
  }));
  return [
    requests(`${name}requests`, LIMITS.requests, 10 * 60_000),
    tokens(`${name}hour`, LIMITS.hour, hourMs),
    tokens(`${name}minute`, LIMITS.minute, 60_000),
    concurrent(`${name}places`, LIMITS.places),
    budget(`${name}money`, LIMITS.money, periods),
    budget(`${name}all`, LIMITS.all, [{ id: 'all', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }]),
  ];
}

export type Question =
  | { readonly op: 'reserve'; readonly id: string; readonly levels: readonly number[]; readonly amounts: Amounts; readonly leaseMs: number }
  | { readonly op: 'settle'; readonly id: string; readonly amounts: Amounts }
  | { readonly op: 'cancel'; readonly id: string }
  | { readonly op: 'extend'; readonly ids: readonly string[]; readonly leaseMs: number }
  | { readonly op: 'reap' };

/** Some time passes, then some questions are asked of one moment. */
export type Program = readonly { readonly advanceMs: number; readonly questions: readonly Question[] }[];

const id = fc.integer({ min: 0, max: 11 }).map((number) => `h${String(number)}`);
const leaseMs = fc.integer({ min: 1, max: leaseMsMax });
const held = fc.record({ requests: fc.nat(2), tokens: fc.nat(45), nanoUsd: fc.nat(60) });
const more = fc.record({ requests: fc.nat(2), tokens: fc.nat(300), nanoUsd: fc.nat(300) });

/** Ids are few, so that programs repeat themselves. */
const asked: fc.Arbitrary<Question> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ op: fc.constant('reserve'), id, levels: fc.subarray([0, 1, 2, 3, 4, 5]), amounts: held, leaseMs }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('settle'),
      id,
      amounts: fc.oneof({ weight: 4, arbitrary: held }, { weight: 1, arbitrary: more }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('cancel'), id }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('extend'), ids: fc.array(id, { maxLength: 4 }), leaseMs }) },
  { weight: 1, arbitrary: fc.constant({ op: 'reap' }) },
);
const advanceMs = fc.oneof(fc.constant(0), fc.nat(1_000), fc.nat(60_000), fc.nat(15 * 60_000), fc.nat(2 * hourMs));

export const programs: fc.Arbitrary<Program> = fc.array(
  fc.record({ advanceMs, questions: fc.array(asked, { minLength: 1, maxLength: 8 }) }),
  { minLength: 1, maxLength: 12 },
);

export type Answer = ReserveAnswer | SettleAnswer | readonly string[] | number;

/** Asks a question of a program: ids and counters are those of the program's name, and periods of its beginning. */
export function askOne(ledger: Ledger, question: Question, name: string, beganAtMs: number): Promise<Answer> {
  switch (question.op) {
    case 'reserve': {
      const all = countersOf(name, beganAtMs);
      const counters = question.levels.flatMap((level) => all[level] ?? []);
      return ledger.reserve(holdOf(counters, { id: name + question.id, amounts: question.amounts, leaseMs: question.leaseMs }));
    }
    case 'settle':
      return ledger.settle(name + question.id, question.amounts);
    case 'cancel':
      return ledger.cancel(name + question.id);
    case 'extend':
      return ledger.extend(
        question.ids.map((each) => name + each),
        question.leaseMs,
      );
    case 'reap':
      return ledger.reap();
    default:
      return never(question);
  }
}
