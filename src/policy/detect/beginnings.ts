import type { Beginning } from './detector.ts';

/** All lengths between two, both included. */
export const lengthsFrom = (min: number, max: number): readonly number[] =>
  Array.from({ length: max - min + 1 }, (_, index) => min + index);

/** How a value of groups begins, each with a sign behind it or with none. */
export function inGroups(first: string, ...groups: readonly number[]): readonly Beginning[] {
  const sums = groups.map((_, index) => groups.slice(0, index + 1).reduce((sum, group) => sum + group, 0));
  return sums.map((length, index) => {
    const next = sums.slice(index + 1).map((sum) => sum - length);
    return { first, lengths: [length], ...(next.length === 0 ? {} : { next }) };
  });
}
