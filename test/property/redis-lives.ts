import fc from 'fast-check';
import { NOTHING } from '../../src/core/limit.ts';
import { giant, type Step } from './redis-steps.ts';

/** Some are admitted, time passes, and some of these and of the round before are settled. */
interface BusyRound {
  readonly tokens: readonly number[];
  readonly settled: readonly number[];
  readonly from: readonly (0 | 1)[];
  readonly passMs: number;
  readonly leaseMs: number;
  readonly limit: number;
}

/** What is held of nothing leaves no trace in a window before it is settled: such lives are another matter. */
const busyRound = ({ isTraced, limit }: { readonly isTraced: boolean; readonly limit: number }): fc.Arbitrary<BusyRound> =>
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

function busySteps({ tokens: held, settled, from, passMs, leaseMs, limit }: BusyRound, index: number): readonly Step[] {
  const common = { others: [], picks: [0, 3, 7, 8], limit, leaseMs, passMs, skew: 0 };
  const asked = held.map((count, number): Step => ({
    ...common,
    what: 'reserve',
    id: `${String(index)}.${String(number)}`,
    amounts: { ...NOTHING, requests: 1, tokens: count },
  }));
  const ended = settled.map((count, number): Step => ({
    ...common,
    what: 'settle',
    id: `${String(index - (from[number] ?? 0))}.${String(number)}`,
    amounts: { ...NOTHING, requests: 1, tokens: count },
  }));
  const pause: Step = { ...common, what: 'wait', id: '', amounts: NOTHING };
  return [...asked, pause, ...ended, pause];
}

const lifeOf = <Round>(round: fc.Arbitrary<Round>, [minLength, maxLength]: readonly [number, number]): fc.Arbitrary<readonly Round[]> =>
  fc.array(round, { minLength, maxLength, size: 'max' });

export const busyLife: fc.Arbitrary<readonly Step[]> = fc
  .record({ isTraced: fc.boolean(), limit: fc.constantFrom(300, 1_000_000) })
  .chain((kind) => lifeOf(busyRound(kind), [150, 200]))
  .map((rounds) => rounds.flatMap(busySteps));

/** How a hold of this or an earlier round ends, if there is one. */
interface End {
  readonly what: 'settle' | 'cancel';
  readonly roundsAgo: number;
  readonly number: number;
  readonly tokens: number;
}

interface WildRound {
  readonly tokens: readonly number[];
  readonly ends: readonly End[];
  readonly picks: readonly number[];
  readonly passMs: readonly [number, number];
  readonly leaseMs: number;
  readonly limit: number;
  readonly isReaped: boolean;
  /** Holds that are told again from a journal. */
  readonly restored: number;
}

/** More than one script takes. */
const atOnceMax = 20;

const manyOf = <Item>(item: fc.Arbitrary<Item>): fc.Arbitrary<readonly Item[]> => fc.array(item, { maxLength: atOnceMax, size: 'max' });

const pause: fc.Arbitrary<number> = fc.oneof(
  { weight: 30, arbitrary: fc.nat(40) },
  { weight: 10, arbitrary: fc.integer({ min: 41, max: 1_100 }) },
  { weight: 3, arbitrary: fc.integer({ min: 1_101, max: 9_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(61_000, 62_000, 70_000) },
);

const end: fc.Arbitrary<End> = fc.record({
  what: fc.constantFrom('settle', 'settle', 'settle', 'cancel'),
  roundsAgo: fc.nat(4),
  number: fc.oneof(fc.nat(3), fc.nat(atOnceMax - 1)),
  tokens: fc.oneof(
    { weight: 200, arbitrary: fc.constantFrom(0, 0, 1, 7, 60) },
    { weight: 200, arbitrary: fc.nat(60) },
    { weight: 1, arbitrary: fc.constant(giant) },
  ),
});

const wildRound: fc.Arbitrary<WildRound> = fc.record({
  // Holds of nothing leave no trace in a window before they are settled: then one script meets several sub-buckets that are new.
  tokens: fc.oneof({ weight: 6, arbitrary: manyOf(fc.constant(0)) }, { weight: 1, arbitrary: manyOf(fc.constantFrom(0, 0, 0, 1, 7, 40)) }),
  ends: fc.oneof(fc.constant([]), fc.constant([]), manyOf(end)),
  picks: fc.constantFrom([0, 3, 7, 8], [0, 3, 4, 8], [2, 3, 6, 8], [3, 5, 8], [1, 3, 5, 6, 7, 8]),
  passMs: fc.tuple(pause, pause),
  leaseMs: fc.constantFrom(1, 20, 500, 30_000),
  limit: fc.constantFrom(303, 1_000_003, 1_000_003, Number.MAX_SAFE_INTEGER),
  isReaped: fc.constantFrom(true, false, false, false),
  restored: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 6),
});

const wildRestore = (common: Omit<Step, 'what'>, id: string, count: number, passMs: number): readonly Step[] =>
  count === 0
    ? []
    : [
        {
          ...common,
          what: 'restore',
          id,
          others: Array.from({ length: count - 1 }, (_, number) => id + String(number)),
          amounts: { requests: 1, tokens: 5, nanoUsd: 5 },
          passMs,
        },
      ];

function wildSteps({ tokens, ends, picks, passMs, leaseMs, limit, isReaped, restored }: WildRound, index: number): readonly Step[] {
  const common = { id: '', others: [], picks, limit, leaseMs, passMs: 0, skew: 0, amounts: NOTHING };
  return [
    ...tokens.map((count, number): Step => ({
      ...common,
      what: 'reserve',
      id: `${String(index)}.${String(number)}`,
      amounts: { requests: 1, tokens: count, nanoUsd: count },
    })),
    { ...common, what: 'wait', passMs: passMs[0] },
    ...ends.map((one): Step => ({
      ...common,
      what: one.what,
      id: `${String(index - one.roundsAgo)}.${String(one.number)}`,
      amounts: { requests: Math.min(1, one.tokens), tokens: one.tokens, nanoUsd: one.tokens },
    })),
    ...(isReaped ? [{ ...common, what: 'reap' } as const] : []),
    ...wildRestore(common, `${String(index)}.journal`, restored, passMs[1]),
    { ...common, what: 'wait', passMs: passMs[1] },
  ];
}

export const wildLife: fc.Arbitrary<readonly Step[]> = lifeOf(wildRound, [5, 30]).map((rounds) => rounds.flatMap(wildSteps));
