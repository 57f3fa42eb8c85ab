/** A promise was broken. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';
}

/** Throws `BrokenPromise` unless it holds; `facts` are for whoever looks for the reason. */
export function promised(holds: boolean, what: string, facts: () => unknown = () => ''): asserts holds {
  if (!holds) {
    throw new BrokenPromise(`${what} ${JSON.stringify(facts())}`);
  }
}
