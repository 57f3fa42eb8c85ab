import { isFields } from './place.ts';

const nestingMax = 200;

/** Nested deeper than any configuration, or within itself. */
export class NestingError extends Error {
  override readonly name = 'NestingError';
}

/** Fields whose keys are names that somebody chose, not fields of a message. */
const NAMED_ENTRIES: ReadonlySet<string> = new Set([
  'typed_per_filter_config',
  'typed_extension_protocol_options',
  'policies',
  'map',
  'filter_metadata',
  'typed_filter_metadata',
  'context_extensions',
]);

/** Fields that hold free data: nothing below is a field of a message. */
const FREE_DATA: ReadonlySet<string> = new Set(['json_format', 'static_layer']);

/**
 * The same configuration in one spelling: protobuf JSON takes `failureModeAllow` for `failure_mode_allow`, and any extension
 * may hide in a `TypedStruct`. A linter that knew one spelling would be blind to the other.
 */
export function normalise(value: unknown, depth = 0): unknown {
  if (depth > nestingMax) {
    throw new NestingError(`nested deeper than ${String(nestingMax)} levels`);
  }
  if (Array.isArray(value)) {
    return value.map((item) => normalise(item, depth + 1));
  }
  if (!isFields(value)) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(unwrapStruct(value)).map(([key, inside]) => {
      const name = snakeCase(key);
      if (FREE_DATA.has(name)) {
        return [name, inside];
      }
      return [name, NAMED_ENTRIES.has(name) ? entries(inside, depth + 1) : normalise(inside, depth + 1)];
    }),
  );
}

function entries(value: unknown, depth: number): unknown {
  return isFields(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, normalise(inside, depth + 1)]))
    : normalise(value, depth);
}

function unwrapStruct(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { '@type': type, type_url: snake, typeUrl: camel, value } = fields;
  if (typeof type !== 'string' || !type.endsWith('.TypedStruct')) {
    return fields;
  }
  return { ...(isFields(value) ? value : {}), '@type': snake ?? camel };
}

const snakeCase = (key: string): string =>
  /^[a-z][A-Za-z0-9]*$/.test(key) ? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : key;
