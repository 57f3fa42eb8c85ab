export interface Batch<Item> {
  readonly add: (item: Item) => void;
  /** Hands over what has been collected. */
  readonly flush: () => void;
}

export interface BatchLimits {
  readonly itemsMax: number;
  /** No item waits longer than this. */
  readonly waitMsMax: number;
}

/**
 * Collects items and hands them over many at a time: doing one thing for many exchanges in a row costs a fraction of doing many
 * things for one, because the processor finds code and data where it left them.
 */
export function openBatch<Item>(limits: BatchLimits, handle: (items: readonly Item[]) => void): Batch<Item> {
  let collected: Item[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const items = collected;
    collected = [];
    if (items.length > 0) {
      handle(items);
    }
  };
  return {
    add: (item) => {
      collected.push(item);
      if (collected.length >= limits.itemsMax) {
        flush();
      } else {
        timer ??= setTimeout(flush, limits.waitMsMax).unref();
      }
    },
    flush,
  };
}
