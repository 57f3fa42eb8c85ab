import { openRandom } from '../simulation/random.ts';

/** A seeded source of choices: the same seed gives the same data everywhere. */
export interface Random {
  /** 0 to `below` - 1. */
  int(below: number): number;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
  /** `count` characters out of `alphabet`. */
  text(count: number, alphabet: string): string;
  digits(count: number): string;
  /** True once in `times`. */
  once(times: number): boolean;
}

export function seededRandom(seed: number): Random {
  const random = openRandom(seed);
  const int = (below: number): number => random.between(0, below - 1);
  const text = (count: number, alphabet: string): string =>
    Array.from({ length: count }, () => alphabet.charAt(int(alphabet.length))).join('');
  return {
    int,
    pick: (items) => random.pick(items),
    text,
    digits: (count) => text(count, '0123456789'),
    once: (times) => int(times) === 0,
  };
}
