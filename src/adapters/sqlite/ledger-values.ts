import { StoreError } from '../../ports/key-store.ts';

/** A list in JSON. Throws `StoreError`. */
export function listOf(json: unknown): readonly unknown[] {
  return list(parseJson(text(json)));
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw unreadable('a list');
  }
}

/** Throws `StoreError`, as do the others. */
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : unreadableNow('a list'));

export const text = (value: unknown): string => (typeof value === 'string' ? value : unreadableNow('a text'));

export const count = (value: unknown): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : unreadableNow('a number');

export function unreadableNow(what: string): never {
  throw unreadable(what);
}

export const unreadable = (what: string): StoreError =>
  new StoreError('bad_reply', new Error(`${what} of the ledger is not readable: restore the file from its backup`));
