/**
 * Things that come and go in great numbers, each known by its slot meanwhile. A `Map` moves to a new table every few dozen changes, and V8
 * keeps what the old tables name, and all that hangs on it, until the next full collection; an empty slot keeps nothing.
 */
export interface Slots<Item extends object> {
  /** Puts it into a free slot: a small number, the same again once the slot is free again. */
  add(item: Item): number;
  /** What was there. */
  remove(slot: number): Item | undefined;
  size(): number;
  values(): readonly Item[];
}

export function openSlots<Item extends object>(): Slots<Item> {
  const items: (Item | undefined)[] = [];
  const free: number[] = [];
  return {
    add: (item) => {
      const slot = free.pop() ?? items.length;
      items[slot] = item;
      return slot;
    },
    remove: (slot) => {
      const item = items[slot];
      if (item !== undefined) {
        items[slot] = undefined;
        free.push(slot);
      }
      return item;
    },
    size: () => items.length - free.length,
    values: () => items.filter((item) => item !== undefined),
  };
}
