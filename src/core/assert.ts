/** A condition that the code itself guarantees did not hold: a programming error, never bad input. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Throws `InvariantError` unless `condition` holds; `what` states what should have been true. */
export function must(condition: boolean, what: string): asserts condition {
  if (!condition) {
    throw new InvariantError(what);
  }
}

/** The last arm of every exhaustive switch: unreachable unless a type lied. */
export function never(value: never): never {
  throw new InvariantError(`unexpected variant: ${JSON.stringify(value)}`);
}
