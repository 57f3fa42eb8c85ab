/** What a transaction read and changed, by name, over what is stored. */
export interface Overlay<Value> {
  get(name: string): Value | undefined;
  set(name: string, value: Value): void;
  /** What was set, the last of each name. */
  changes(): ReadonlyMap<string, Value>;
  /** What was set since the last call stands. */
  accept(): void;
  /** What was set since the last call of `accept` was not. */
  discard(): void;
}

export function openOverlay<Value>(read: (name: string) => Value | undefined): Overlay<Value> {
  const known = new Map<string, Value | undefined>();
  const changed = new Map<string, Value>();
  /** What was set before, of the names that were set since `accept`. */
  const before = new Map<string, Value | undefined>();

  return {
    get: (name) => {
      const value = known.get(name);
      if (value !== undefined || known.has(name)) {
        return value;
      }
      const stored = read(name);
      known.set(name, stored);
      return stored;
    },
    set: (name, value) => {
      if (!before.has(name)) {
        before.set(name, changed.get(name));
      }
      known.set(name, value);
      changed.set(name, value);
    },
    changes: () => changed,
    accept: () => {
      before.clear();
    },
    discard: () => {
      for (const [name, value] of before) {
        if (value === undefined) {
          known.delete(name);
          changed.delete(name);
        } else {
          known.set(name, value);
          changed.set(name, value);
        }
      }
      before.clear();
    },
  };
}
