/** A map of at most `entriesMax` entries that forgets the one longest unused. */
export interface Recent<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  clear(): void;
}

export function openRecent<Value>(entriesMax: number): Recent<Value> {
  // A Map iterates in order of insertion: what is used is inserted again, so the first entry is the one longest unused.
  const entries = new Map<string, Value>();
  return {
    get: (key) => {
      const value = entries.get(key);
      if (value !== undefined) {
        entries.delete(key);
        entries.set(key, value);
      }
      return value;
    },
    set: (key, value) => {
      entries.delete(key);
      entries.set(key, value);
      for (const oldest of entries.keys()) {
        if (entries.size <= entriesMax) {
          break;
        }
        entries.delete(oldest);
      }
    },
    clear: () => {
      entries.clear();
    },
  };
}
