type Node = Record<string, unknown> | unknown[];

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

/**
 * Changes one place of a parsed configuration. Steps are separated by "/"; in a list `@name` is the member of that name and
 * `-1` the last one; `+STEP` inserts before that member, `+end` at the end. The value undefined removes. In a value
 * `{ $copy: path }` is a copy of what stands at that path; `{ $move: path }` takes it away from there.
 * Throws where a path leads nowhere, so that no row of a table goes stale.
 */
export function edit(config: unknown, path: string, value: unknown): void {
  const steps = path.split('/');
  const last = steps.pop() ?? '';
  const parent = look(config, steps);
  if (!isNode(parent)) {
    throw new Error(`the configuration has no ${steps.join('/')}`);
  }
  const content = resolve(config, value);
  if (isNode(value) && !Array.isArray(value) && typeof value['$move'] === 'string') {
    edit(config, value['$move'], undefined);
  }
  if (Array.isArray(parent) && last.startsWith('+')) {
    parent.splice(last === '+end' ? parent.length : Number(keyOf(parent, last.slice(1))), 0, content);
    return;
  }
  const key = keyOf(parent, last);
  if (value !== undefined) {
    Reflect.set(parent, key, content);
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
  const source = value['$copy'] ?? value['$move'];
  if (typeof source === 'string') {
    return structuredClone(look(config, source.split('/')));
  }
  return Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, resolve(config, inside)]));
}

function keyOf(node: Node, step: string): string {
  if (Array.isArray(node) && step === '-1') {
    return String(node.length - 1);
  }
  if (!Array.isArray(node) || !step.startsWith('@')) {
    return step;
  }
  const index = node.findIndex((member) => isNode(member) && Reflect.get(member, 'name') === step.slice(1));
  if (index < 0) {
    throw new Error(`the list has no member ${step}`);
  }
  return String(index);
}
