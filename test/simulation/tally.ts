import type { Outcomes } from './simulation.ts';

/** What came about in many runs together. */
export interface Tally {
  add(outcomes: Outcomes): void;
  count(name: string): number;
  /** One line for each name. */
  text(): string;
}

export function tally(): Tally {
  const sums = new Map<string, number>();
  return {
    add: (outcomes) => {
      for (const [name, count] of outcomes) {
        sums.set(name, (sums.get(name) ?? 0) + count);
      }
    },
    count: (name) => sums.get(name) ?? 0,
    text: () =>
      [...sums]
        .toSorted(([left], [right]) => (left < right ? -1 : 1))
        .map(([name, count]) => `${String(count).padStart(8)}  ${name}`)
        .join('\n'),
  };
}
