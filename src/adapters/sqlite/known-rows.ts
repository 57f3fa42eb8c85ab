import { openRecent } from '../../core/recent.ts';

export interface RowSource<Value> {
  /** From the tables. */
  readonly read: (name: string) => Value | undefined;
  /** Whether a row (undefined: that there is none) is asked for again. */
  readonly isKept: (value: Value | undefined) => boolean;
}

/** Rows of a table, of which those that were used lately are in memory. */
export interface KnownRows<Value> {
  get(name: string): Value | undefined;
  /** Undefined too where it is not in memory. */
  known(name: string): Value | undefined;
  /** True where it is in memory, or that there is none. */
  isKnown(name: string): boolean;
  /** The row is this now. */
  set(name: string, value: Value): void;
  clear(): void;
}

/** Some megabytes where every row is a full window. */
const knownMax = 10_000;

const absent = Symbol('no row');

export function openKnownRows<Value>({ read, isKept }: RowSource<Value>): KnownRows<Value> {
  const rows = openRecent<Value | typeof absent>(knownMax);
  const known = (name: string): Value | undefined => {
    const value = rows.get(name);
    return value === absent ? undefined : value;
  };
  return {
    get: (name) => {
      const value = rows.get(name);
      if (value !== undefined) {
        return value === absent ? undefined : value;
      }
      const found = read(name);
      if (isKept(found)) {
        rows.set(name, found ?? absent);
      }
      return found;
    },
    known,
    isKnown: (name) => rows.get(name) !== undefined,
    set: (name, value) => {
      if (isKept(value)) {
        rows.set(name, value);
      } else {
        rows.delete(name);
      }
    },
    clear: () => {
      rows.clear();
    },
  };
}
