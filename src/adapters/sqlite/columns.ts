import { StoreError } from '../../ports/key-store.ts';

export type Row = Readonly<Record<string, unknown>>;

const textLengthMax = 512;

export const printable = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u;
export const idText = /^[0-9A-Za-z]{10}$/;
export const digestText = /^[0-9a-f]{64}$/;

/** Strict: a row that this version cannot read in full is no answer, for a limit we overlook would be a limit lifted. */
export const unreadable = (column: string): StoreError => new StoreError('bad_reply', new Error(`column ${column} is not readable`));

/** Throws `StoreError` `refused` for a row that could not be read back. */
export function refuseUnreadable(parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    throw error instanceof StoreError ? new StoreError('refused', error.cause) : error;
  }
}

export function isText(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && value.length <= textLengthMax && pattern.test(value);
}

export function text(row: Row, column: string, pattern: RegExp = printable): string {
  const value = row[column];
  if (!isText(value, pattern)) {
    throw unreadable(column);
  }
  return value;
}

export const optionalText = (row: Row, column: string): string | undefined => (row[column] === null ? undefined : text(row, column));

/** One of a closed set of words. */
export function word<Word extends string>(row: Row, column: string, words: readonly Word[]): Word {
  const known = words.find((each) => each === row[column]);
  if (known === undefined) {
    throw unreadable(column);
  }
  return known;
}

/** Milliseconds: an integer of at least 0. */
export function time(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw unreadable(column);
  }
  return value;
}

export const optionalTime = (row: Row, column: string): number | undefined => (row[column] === null ? undefined : time(row, column));
