import { parse, stringify } from 'yaml';
import { z } from 'zod';

/** A piece of an Envoy configuration, to be changed in place. */
export type Config = z.infer<typeof json>;
/** Members by name, items of a list by number, or by the `name` they have. */
export type Path = readonly (string | number)[];

const json = z.json();
type ConfigObject = Extract<Config, Readonly<Record<string, unknown>>>;

const isObject = (value: Config): value is ConfigObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The piece at a path. Throws where there is none: a test that changes nothing proves nothing. */
export function pieceAt(config: Config, path: Path): Config {
  let piece = config;
  for (const key of path) {
    piece = isObject(piece) ? memberOf(piece, key) : itemOf(piece, key);
  }
  return piece;
}

/** Puts a value at a path whose parent is there; `undefined` takes away what stands there. */
export function putAt(config: Config, path: Path, value: Config | undefined): void {
  const parent = pieceAt(config, path.slice(0, -1));
  const [key = ''] = path.slice(-1);
  if (Array.isArray(parent)) {
    parent.splice(indexOf(parent, key), 1, ...(value === undefined ? [] : [value]));
  } else if (isObject(parent) && value === undefined) {
    memberOf(parent, key);
    Reflect.deleteProperty(parent, key);
  } else if (isObject(parent) && value !== undefined) {
    parent[key] = value;
  }
}

/** Puts an item before the one that `path` leads to. */
export function insertBefore(config: Config, path: Path, value: Config): void {
  const list = pieceAt(config, path.slice(0, -1));
  const [key = ''] = path.slice(-1);
  if (!Array.isArray(list)) {
    throw new TypeError(`no list above ${String(key)}`);
  }
  list.splice(indexOf(list, key), 0, value);
}

function memberOf(object: ConfigObject, key: string | number): Config {
  const found = object[key];
  if (found === undefined) {
    throw new Error(`the configuration has no ${String(key)} beside ${Object.keys(object).join(', ')}`);
  }
  return found;
}

function itemOf(list: Config, key: string | number): Config {
  const found = Array.isArray(list) ? list[indexOf(list, key)] : undefined;
  if (found === undefined) {
    throw new Error(`the configuration has no ${String(key)} in ${JSON.stringify(list).slice(0, 100)}`);
  }
  return found;
}

function indexOf(list: readonly Config[], key: string | number): number {
  const index = typeof key === 'number' ? key : list.findIndex((item) => isObject(item) && item['name'] === key);
  if (index < 0 || index >= list.length) {
    throw new Error(`no item ${String(key)}`);
  }
  return index;
}

/** The connection manager of a listener. */
export const HCM: Path = ['filter_chains', 0, 'filters', 0, 'typed_config'];
export const AUTHZ: Path = [...HCM, 'http_filters', 'envoy.filters.http.ext_authz'];
export const PROC: Path = [...HCM, 'http_filters', 'envoy.filters.http.ext_proc'];
export const VIRTUAL_HOST: Path = [...HCM, 'route_config', 'virtual_hosts', 'all'];

/** An upstream HTTP filter of a provider's cluster, in the whole configuration. */
export const clusterFilter = (cluster: string, filter: string): Path => [
  'static_resources',
  'clusters',
  cluster,
  'typed_extension_protocol_options',
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
  'http_filters',
  filter,
];

/** One listener more: a copy of `edge`, changed. */
export type Variant = (listener: Config) => void;

/**
 * The rendered configuration with a listener more for each variant, by its name, each on a port of its own: one Envoy
 * shows what happens in many broken configurations. `change` is for what they share: the clusters.
 */
export function withVariants(text: string, variants: Readonly<Record<string, Variant>>, change: (config: Config) => void): string {
  const config = json.parse(parse(text));
  change(config);
  const listeners = pieceAt(config, ['static_resources', 'listeners']);
  for (const [name, variant] of Object.entries(variants)) {
    const copy = structuredClone(pieceAt(listeners, ['edge']));
    putAt(copy, ['name'], name);
    variant(copy);
    if (Array.isArray(listeners)) {
      listeners.push(copy);
    }
  }
  return stringify(config, { aliasDuplicateObjects: false });
}
