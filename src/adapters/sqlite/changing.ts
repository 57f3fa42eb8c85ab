import { openKnownRows, type KnownRows, type RowSource } from './known-rows.ts';

/** A value that is not in the tables, or not yet as it is there. */
export interface Changed<Value> {
  readonly value: Value;
  /** Of the transaction that changed it last. */
  readonly number: number;
}

/**
 * Values by name as the latest transaction left them: what is in the tables, and over it what has changed since that was written there.
 * Names are changed by numbered transactions, one after the other.
 */
export interface Changing<Value> {
  /** Reads the tables where the value is not known here. */
  get(name: string): Value | undefined;
  /** Of the transaction under way. */
  put(name: string, value: Value): void;
  /** What was put since the last call stands. */
  accept(): void;
  /** What was put since the last call of `accept` was not. */
  discard(): void;
  /** What the transaction under way has put, each name once. `before`: undefined where that is not known, or where there was none. */
  eachTouched(visit: (name: string, value: Value, before: Value | undefined) => void): void;
  /** The next transaction begins. */
  begin(number: number): void;
  /**
   * Takes over what another process has put. `isStored`: the tables have it already, and may have more, so that nothing is done where
   * the value is not known here.
   */
  replay(name: string, number: number, isStored: boolean, after: (before: () => Value | undefined) => Value): void;
  /** From now on the tables have what was changed by transactions up to `number`. */
  stored(number: number): void;
  changes(): ReadonlyMap<string, Changed<Value>>;
  clear(): void;
}

interface Before<Value> {
  readonly name: string;
  readonly entry: Changed<Value> | undefined;
}

export function openChanging<Value>(source: RowSource<Value>): Changing<Value> {
  const rows = openKnownRows(source);
  const changed = new Map<string, Changed<Value>>();
  let present = 0;
  /** Of names that were put in the transaction under way, as they were when it began. */
  let befores = new Map<string, Value | undefined>();
  /** What was put since `accept`. */
  let undone: Before<Value>[] = [];

  const get = (name: string): Value | undefined => {
    const entry = changed.get(name);
    return entry === undefined ? rows.get(name) : entry.value;
  };

  return {
    get,
    put: (name, value) => {
      const entry = changed.get(name);
      undone.push({ name, entry });
      if (entry?.number !== present) {
        befores.set(name, entry === undefined ? rows.known(name) : entry.value);
      }
      changed.set(name, { value, number: present });
    },
    accept: () => {
      undone = [];
    },
    discard: () => {
      restore(changed, undone.splice(0));
    },
    eachTouched: (visit) => {
      for (const [name, before] of befores) {
        const entry = changed.get(name);
        // What was discarded is not of this transaction.
        if (entry?.number === present) {
          visit(name, entry.value, before);
        }
      }
    },
    begin: (number) => {
      present = number;
      befores = new Map();
      undone = [];
    },
    replay: (name, number, isStored, after) => {
      if (!isStored || changed.has(name) || rows.isKnown(name)) {
        changed.set(name, { value: after(() => get(name)), number });
      }
    },
    stored: (number) => {
      takeStored(changed, number, rows);
    },
    changes: () => changed,
    clear: () => {
      rows.clear();
      changed.clear();
    },
  };
}

function restore<Value>(changed: Map<string, Changed<Value>>, undone: readonly Before<Value>[]): void {
  for (const { name, entry } of undone.toReversed()) {
    if (entry === undefined) {
      changed.delete(name);
    } else {
      changed.set(name, entry);
    }
  }
}

function takeStored<Value>(changed: Map<string, Changed<Value>>, number: number, rows: KnownRows<Value>): void {
  for (const [name, entry] of changed) {
    if (entry.number <= number) {
      changed.delete(name);
      rows.set(name, entry.value);
    }
  }
}
