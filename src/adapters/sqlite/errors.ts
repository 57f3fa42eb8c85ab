import { StoreError } from '../../ports/key-store.ts';

/** SQLite primary result codes: https://sqlite.org/rescode.html */
const codes: ReadonlyMap<number, StoreError['code']> = new Map([
  [1, 'bad_reply'], // SQLITE_ERROR: a table or column is not what we made
  [5, 'locked'], // SQLITE_BUSY
  [6, 'locked'], // SQLITE_LOCKED
  [11, 'bad_reply'], // SQLITE_CORRUPT
  [19, 'refused'], // SQLITE_CONSTRAINT
  [26, 'bad_reply'], // SQLITE_NOTADB
]);

/** Every foreign error as a `StoreError`; whatever is not known counts as a store that is out of reach. */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) {
    return error;
  }
  const result = resultOf(error);
  return new StoreError((result === undefined ? undefined : codes.get(result)) ?? 'unreachable', error);
}

/** True where SQLite itself gave up, which ends the whole transaction. */
export const isOfSqlite = (error: unknown): boolean => resultOf(error) !== undefined;

const resultOf = (error: unknown): number | undefined =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;

/** What happened, for the operator's log; values of rows are never in it. */
export function detailOf(error: StoreError): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}
