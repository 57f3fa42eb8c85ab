import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { z } from 'zod';
import { parseSettings, settingsJsonSchema } from '../../../src/config/load.ts';
import { settingsSchema } from '../../../src/config/schema.ts';
import { parseDurationMs, parseSizeBytes } from '../../../src/core/units.ts';
import { codeIn, fenced, readText, root, rowsUnder } from './markdown.ts';

type Schema = z.core.JSONSchema._JSONSchema;

interface Key {
  readonly required: boolean;
  readonly fallback: unknown;
  readonly enums: readonly string[];
  /** The name of the shape that it has. */
  readonly shape: string | undefined;
}

type Form = Exclude<Schema, boolean>;

function formsOf(schema: Schema): readonly Form[] {
  return typeof schema === 'boolean' ? [] : schema.anyOf === undefined ? [schema] : schema.anyOf.flatMap(formsOf);
}

const itemsOf = (form: Form): readonly Form[] => (form.items === undefined || Array.isArray(form.items) ? [] : formsOf(form.items));

/** What lies below a schema, under the names that the tables give it. */
function membersOf(form: Form, path: string, isOnlyForm: boolean): readonly { path: string; schema: Schema; required: boolean }[] {
  const named = Object.entries(form.properties ?? {}).map(([name, schema]) => ({
    path: path === '' ? name : `${path}.${name}`,
    schema,
    required: (form.required ?? []).includes(name),
  }));
  const any =
    form.additionalProperties === undefined ? [] : [{ path: `${path}.<name>`, schema: form.additionalProperties, required: false }];
  // A list of listeners has the members of one listener; other lists of objects get brackets.
  const items = itemsOf(form)
    .filter((item) => item.type === 'object')
    .map((schema) => ({ path: isOnlyForm ? `${path}[]` : path, schema, required: false }));
  return [...named, ...any, ...items];
}

/** Every key of the schema that holds a value; sections are not keys. */
function keysOf(schema: Schema, path = '', required = true, found = new Map<string, Key>()): ReadonlyMap<string, Key> {
  const forms = formsOf(schema);
  // A shape with a name of its own has a table of its own.
  if (forms.some((form) => form.type !== 'object' || form.$ref !== undefined) && !found.has(path)) {
    const enums = [...forms, ...forms.flatMap(itemsOf)].flatMap((form) => form.enum ?? []).map(String);
    const fallback: unknown = typeof schema === 'boolean' ? undefined : schema.default;
    const shape = forms.find((form) => form.$ref !== undefined)?.$ref?.replace('#/$defs/', '');
    found.set(path, { required, fallback, enums, shape });
  }
  for (const form of forms) {
    for (const member of membersOf(form, path, forms.length === 1)) {
      keysOf(member.schema, member.path, member.required, found);
    }
  }
  return found;
}

const textsOf = (fallback: unknown): readonly string[] =>
  Array.isArray(fallback)
    ? fallback.map(String)
    : fallback === undefined
      ? []
      : [typeof fallback === 'string' ? fallback : JSON.stringify(fallback)];

const documentation = readText('docs/configuration.md');
const rows = new Map(rowsUnder(documentation, 'Key').map((row) => [codeIn(row.get('Key')).join(), row]));
const whole = settingsJsonSchema();
const named = Object.entries(whole.$defs ?? {});
const keys: ReadonlyMap<string, Key> = new Map([...keysOf(whole), ...named.flatMap(([name, shape]) => [...keysOf(shape, name)])]);
const [example = ''] = fenced(documentation, 'yaml');

describe('docs/configuration.md', () => {
  it('names every key there is, and no other', () => {
    expect([...rows.keys()].toSorted()).toEqual([...keys.keys()].toSorted());
  });

  it.each([...keys])('says the default and the choices of %s', (name, { required, fallback, enums }) => {
    const row = rows.get(name);
    const shown = textsOf(fallback);
    expect(codeIn(row?.get('Default'))).toEqual(shown);
    if (shown.length === 0) {
      expect(row?.get('Default')).toBe(required ? 'required' : '–');
    }
    expect(codeIn(row?.get('Type')).filter((choice) => enums.includes(choice))).toEqual(enums);
    expect(row?.get('Meaning')).not.toBe('');
  });

  it('shows a file with every key, and that file is accepted', () => {
    const settings = parseSettings(example, '/etc/sallyport/sallyport.yaml');
    expect(settings.providers.size).toBe(3);
    const used = pathsIn(parse(example), '');
    expect([...keys.keys()].filter((key) => !used.has(key))).toEqual([]);
  });

  const bounded = [...rows].flatMap(([key, row]) => {
    const [, kind = '', low = '', high = ''] = /^(duration|size|integer), (\S+) to (\S+)$/.exec(row.get('Type') ?? '') ?? [];
    return kind === '' ? [] : [{ key, kind, low, high }];
  });

  it('states the bounds of every amount', () => {
    const amounts = [...keys].filter(([, { fallback }]) => textsOf(fallback).some((text) => /^\d+(ms|s|m|h|d|[KMG]?i?B)?$/.test(text)));
    expect(bounded.map(({ key }) => key)).toEqual(expect.arrayContaining(amounts.map(([key]) => key)));
    expect(amounts.length).toBeGreaterThan(10);
  });

  it.each(bounded)('$key takes $low to $high and nothing beyond', ({ key, kind, low, high }) => {
    expect(accepts(key, kind, low), low).toBe(true);
    expect(accepts(key, kind, high), high).toBe(true);
    expect(accepts(key, kind, beyond(kind, high, 1)), `over ${high}`).toBe(false);
    if (!low.startsWith('0')) {
      expect(accepts(key, kind, beyond(kind, low, -1)), `under ${low}`).toBe(false);
    }
  });
});

/** The next amount above or below, in the smallest unit. */
function beyond(kind: string, text: string, step: 1 | -1): string {
  const read = kind === 'duration' ? parseDurationMs(text) : kind === 'size' ? parseSizeBytes(text) : Number(text);
  expect(read, text).toBeDefined();
  return `${String((read ?? 0) + step)}${kind === 'duration' ? 'ms' : kind === 'size' ? 'B' : ''}`;
}

/** Whether the example is still accepted with another value at `key`. */
function accepts(key: string, kind: string, value: string): boolean {
  const document: unknown = parse(example);
  const isPut = placesOf(key).some((place) => put(document, place.split(/\.|(?=\[\])/), kind === 'integer' ? Number(value) : value));
  expect(isPut, key).toBe(true);
  return settingsSchema.safeParse(document).success;
}

/** Where a key may stand in a file: one of a shape with a name of its own stands wherever that shape does. */
function placesOf(key: string): readonly string[] {
  const [shape = '', ...rest] = key.split('.');
  const holders = [...keys].filter(([, each]) => each.shape === shape).map(([holder]) => [holder, ...rest].join('.'));
  return holders.length === 0 ? [key] : holders;
}

/** Sets the value at a path of the tables, in the first place that has it; false where none has. */
function put(node: unknown, [step = '', ...rest]: readonly string[], value: unknown): boolean {
  if (typeof node !== 'object' || node === null) {
    return false;
  }
  if (step === '[]' || step === '<name>') {
    return Object.values(node).some((member: unknown) => put(member, rest, value));
  }
  if (!Object.hasOwn(node, step)) {
    return false;
  }
  return rest.length === 0 ? Reflect.set(node, step, value) : put(Reflect.get(node, step), rest, value);
}

/** The keys of the tables that a parsed file uses. */
function pathsIn(node: unknown, path: string, found = new Set<string>()): ReadonlySet<string> {
  found.add(path);
  const shape = keys.get(path)?.shape;
  if (shape !== undefined) {
    pathsIn(node, shape, found);
  }
  if (typeof node === 'object' && node !== null) {
    for (const [name, member] of Object.entries(node)) {
      const steps = Array.isArray(node) ? [`${path}[]`, path] : [path === '' ? name : `${path}.${name}`, `${path}.<name>`];
      for (const step of steps) {
        pathsIn(member, step, found);
      }
    }
  }
  return found;
}

describe('sallyport.schema.json', () => {
  it('is the JSON Schema of the settings (vitest -u writes it anew)', async () => {
    const file = `${root}/sallyport.schema.json`;
    const text = await format(JSON.stringify(settingsJsonSchema()), { ...(await resolveConfig(file)), parser: 'json' });
    await expect(text).toMatchFileSnapshot(file);
  });
});
