/** What `make` gives for an object, made when it is first asked for and kept as long as the object is: `make` must always give the same. */
export function oncePer<Key extends object, Made extends object | string>(make: (key: Key) => Made): (key: Key) => Made {
  const known = new WeakMap<Key, Made>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) {
      return before;
    }
    const made = make(key);
    known.set(key, made);
    return made;
  };
}
