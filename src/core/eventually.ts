/**
 * A value that is there already, or will be. Most of what decisions ask is in memory: waiting for it all the same, a dozen times a
 * request, would cost as much as deciding.
 */
export type Eventually<Value> = Value | Promise<Value>;

/** Goes on with the value: at once where it is there. What `use` throws is then thrown at once, too. */
export function when<Value, Result>(value: Eventually<Value>, use: (value: Value) => Eventually<Result>): Eventually<Result> {
  return value instanceof Promise ? value.then(use) : use(value);
}
