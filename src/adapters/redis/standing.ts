import { StoreError } from '../../ports/key-store.ts';
import type { Look } from './server.ts';

export type Identity = Pick<Look, 'epoch' | 'runId'>;

/**
 * The store is not what it was. `memory`: its epoch is gone or another one, so everything before is lost. `server`: the same memory on
 * another server or after a restart; the last writes before it (with `appendfsync everysec` and asynchronous replicas: of about a second)
 * may be lost.
 */
export interface ServerChange {
  readonly kind: 'memory' | 'server';
  readonly before: Identity;
  readonly now: Identity;
}

/** What this process counts on, and what of it does not hold any more. */
export interface Standing {
  /** What was last accepted. */
  readonly known: () => Identity;
  /** Undefined while the store is the one that is known. */
  readonly change: () => ServerChange | undefined;
  /** Compares; tells listeners of a change they do not know yet. */
  readonly see: (now: Identity) => void;
  /** From now on this is the store. */
  readonly accept: (now: Identity) => void;
  readonly onChange: (listener: (change: ServerChange) => void) => () => void;
}

export function openStanding(first: Identity): Standing {
  const listeners = new Set<(change: ServerChange) => void>();
  let known = first;
  let change: ServerChange | undefined;

  const see = (now: Identity): void => {
    if (isSame(now, known)) {
      change = undefined;
      return;
    }
    if (change !== undefined && isSame(now, change.now)) {
      return;
    }
    const found: ServerChange = { kind: now.epoch === known.epoch ? 'server' : 'memory', before: known, now };
    change = found;
    for (const listener of listeners) {
      // Apart from the caller: a listener that throws must not look like a store that failed.
      queueMicrotask(() => {
        listener(found);
      });
    }
  };

  return {
    known: () => known,
    change: () => change,
    see,
    accept: (now) => {
      known = now;
      change = undefined;
    },
    onChange: (listener) => {
      const own = (told: ServerChange): void => {
        listener(told);
      };
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
  };
}

const isSame = (left: Identity, right: Identity): boolean => left.epoch === right.epoch && left.runId === right.runId;

/** Why nothing is admitted. */
export function changedError(kind: ServerChange['kind']): StoreError {
  return new StoreError(
    'refused',
    new Error(
      kind === 'memory'
        ? 'it has lost its memory: run "sallyport usage restore", which brings back what the journals know'
        : 'it runs on another server or was restarted: its last writes may be lost until the journals have told them again',
    ),
  );
}
