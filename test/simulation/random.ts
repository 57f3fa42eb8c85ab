/** Numbers that follow from a seed alone: the same seed, the same run. */
export interface Random {
  /** At least 0 and below 1. */
  fraction(): number;
  /** An integer, both ends included. */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
}

/** A 32-bit congruential walk whose bits are mixed before they are used: plain, and good enough to draw faults with. */
export function openRandom(seed: number): Random {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x45_d9_f3_b);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c_1b_3c_6d);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number): number => low + Math.floor(fraction() * (high - low + 1));
  return {
    fraction,
    between,
    chance: (probability) => fraction() < probability,
    pick: (items) => items[between(0, items.length - 1)] ?? items[0],
  };
}
