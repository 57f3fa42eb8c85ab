/** First in, first out: a map whose first entries are deleted again and again is slow to find the first that is left. */
export interface Queue<Value> {
  push(value: Value): void;
  /** Undefined where it is empty. */
  first(): Value | undefined;
  /** Drops the first, if there is one. */
  drop(): void;
  size(): number;
  values(): readonly Value[];
}

/** Dropped values that are kept before the rest moves up. */
const droppedMin = 1_000;

export function openQueue<Value>(): Queue<Value> {
  let values: Value[] = [];
  let from = 0;
  return {
    push: (value) => {
      values.push(value);
    },
    first: () => values[from],
    drop: () => {
      from = Math.min(values.length, from + 1);
      if (from >= droppedMin && from * 2 >= values.length) {
        values = values.slice(from);
        from = 0;
      }
    },
    size: () => values.length - from,
    values: () => values.slice(from),
  };
}
