type Node = Record<string, unknown> | unknown[];

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

/**
 * Changes one place of a parsed configuration. Steps are separated by "/"; `@name` is the list member of that name, `+N`
 * inserts before index N. The value undefined removes; `{ $copy: path }` in a value is a copy of what stands at that path.
 * Throws where a path leads nowhere, so that no row of a table goes stale.
 */
export function edit(config: unknown, path: string, value: unknown): void {
  const steps = path.split('/');
  const last = steps.pop() ?? '';
  const parent = look(config, steps);
  if (!isNode(parent)) {
    throw new Error(`the configuration has no ${steps.join('/')}`);
  }
  const key = keyOf(parent, last);
  if (Array.isArray(parent) && last.startsWith('+')) {
    parent.splice(Number(last.slice(1)), 0, resolve(config, value));
  } else if (value !== undefined) {
    Reflect.set(parent, key, resolve(config, value));
  } else if (!Object.hasOwn(parent, key)) {
    throw new Error(`the configuration has no ${path}`);
  } else if (Array.isArray(parent)) {
    parent.splice(Number(key), 1);
  } else {
    Reflect.deleteProperty(parent, key);
  }
}

const look = (config: unknown, steps: readonly string[]): unknown =>
  steps.reduce<unknown>((here, step) => (isNode(here) ? Reflect.get(here, keyOf(here, step)) : undefined), config);

function resolve(config: unknown, value: unknown): unknown {
  if (!isNode(value)) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map((item) => resolve(config, item));
  }
  if (typeof value['$copy'] === 'string') {
    return structuredClone(look(config, value['$copy'].split('/')));
  }
  return Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, resolve(config, inside)]));
}

function keyOf(node: Node, step: string): string {
  if (!Array.isArray(node) || !step.startsWith('@')) {
    return step;
  }
  const index = node.findIndex((member) => isNode(member) && Reflect.get(member, 'name') === step.slice(1));
  if (index < 0) {
    throw new Error(`the list has no member ${step}`);
  }
  return String(index);
}
