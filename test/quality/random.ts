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

/** Mulberry32, by Tommy Ettinger: 32 bits of state are plenty for sample data. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const int = (below: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
  const text = (count: number, alphabet: string): string =>
    Array.from({ length: count }, () => alphabet.charAt(int(alphabet.length))).join('');
  return {
    int,
    pick: (items) => items[int(items.length)] ?? items[0],
    text,
    digits: (count) => text(count, '0123456789'),
    once: (times) => int(times) === 0,
  };
}

export const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
export const lower = 'abcdefghijklmnopqrstuvwxyz';
export const hex = '0123456789abcdef';
