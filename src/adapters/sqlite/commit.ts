import type { StoreError } from '../../ports/key-store.ts';
import type { Connection, Database } from './database.ts';
import { toStoreError } from './errors.ts';

/** One transaction: what was made of it, committed; or why nothing of it happened. One that only reads needs no more than `BEGIN`. */
export function inTransaction<Statements, Result>(
  database: Database<Statements>,
  run: (connection: Connection<Statements>) => Result,
  begin: 'BEGIN' | 'BEGIN IMMEDIATE' = 'BEGIN IMMEDIATE',
): Result | StoreError {
  let connection: Connection<Statements> | undefined;
  try {
    connection = database.current();
    connection.database.exec(begin);
    const result = run(connection);
    connection.database.exec('COMMIT');
    return result;
  } catch (error) {
    if (connection?.database.isTransaction === true) {
      connection.database.exec('ROLLBACK');
    }
    return toStoreError(error);
  }
}

/** What each of the writes of one transaction came to. One that is refused (its id is taken) does not take the others with it. */
export const commitTogether = <Statements, Write, Result>(
  database: Database<Statements>,
  writes: readonly Write[],
  apply: (statements: Statements, write: Write) => Result,
): readonly (Result | StoreError)[] | StoreError =>
  inTransaction(database, ({ statements }) => writes.map((write) => orRefusal(() => apply(statements, write))));

function orRefusal<Result>(apply: () => Result): Result | StoreError {
  try {
    return apply();
  } catch (error) {
    const known = toStoreError(error);
    if (known.code === 'refused') {
      return known;
    }
    throw error;
  }
}
