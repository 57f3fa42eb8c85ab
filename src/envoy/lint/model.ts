import { at, isFields, isPresent, items, textOf, typeOf, type Place } from './place.ts';
import type { Sources } from './sources.ts';
import { TYPE } from './types.ts';

/** An HTTP filter, of a listener or of a cluster. */
export interface Filter {
  readonly name: string;
  /** Message type of its configuration; of the inner one where a matcher is wrapped around it. */
  readonly type: string;
  /** `disabled`, `is_optional` and the like. */
  readonly outer: Place;
  readonly config: Place;
  /** The matcher that may skip the filter. */
  readonly matcher: Place | undefined;
}

/** One HTTP connection manager with what a request meets in it. */
export interface Connection {
  readonly hcm: Place;
  readonly transportSocket: Place;
  readonly listener: Place;
  readonly filters: readonly Filter[];
  readonly routeConfig: Place;
}

export interface Listener {
  readonly place: Place;
  readonly connections: readonly Connection[];
  /** Network filters that are no HTTP connection manager. */
  readonly otherFilters: readonly Place[];
}

export interface Cluster {
  readonly name: string;
  readonly place: Place;
  readonly options: Place;
  readonly filters: readonly Filter[];
  /** `host:port` or a socket's path, each with its place. */
  readonly endpoints: readonly Endpoint[];
}

export type Endpoint = { readonly place: Place } & (
  { readonly kind: 'pipe'; readonly path: string } | { readonly kind: 'socket'; readonly host: string; readonly port: number | undefined }
);

/** A configuration in one shape, wherever it came from. */
export interface EnvoyModel {
  readonly bootstrap: Place;
  readonly listeners: readonly Listener[];
  /** Of all listeners. */
  readonly connections: readonly Connection[];
  readonly clusters: readonly Cluster[];
  /** Places that name something which was not there to be read. */
  readonly unseen: readonly Place[];
  /** Updates that Envoy refused. */
  readonly rejected: readonly Place[];
}

export function buildModel(sources: Sources): EnvoyModel {
  const routeConfigs = new Map(sources.routeConfigs.map((value) => [nameOf(value), value]));
  const listeners = sources.listeners.map((value) => buildListener(named(value, 'listeners'), routeConfigs));
  const clusters = sources.clusters.map((value) => buildCluster(named(value, 'clusters')));
  const unseen = [
    ...sources.unseen,
    ...listeners.flatMap(({ place }) => (isPresent(at(place, 'fcds_config')) ? [at(place, 'fcds_config')] : [])),
    ...listeners.flatMap((listener) => listener.connections.flatMap(unseenOf)),
    ...clusters.flatMap(({ filters }) => filters.flatMap(unseenFilter)),
  ];
  const connections = listeners.flatMap((listener) => listener.connections);
  return { bootstrap: { value: sources.bootstrap, path: '' }, listeners, connections, clusters, unseen, rejected: sources.rejected };
}

const nameOf = (value: unknown): string => (isFields(value) && typeof value['name'] === 'string' ? value['name'] : '');

const named = (value: unknown, kind: string): Place => ({ value, path: `${kind}.${nameOf(value)}` });

function buildListener(place: Place, routeConfigs: ReadonlyMap<string, unknown>): Listener {
  const chains = [...items(at(place, 'filter_chains')), at(place, 'default_filter_chain')].filter(isPresent);
  const found = chains.flatMap((chain) =>
    items(at(chain, 'filters')).map((filter) => ({ chain, filter, config: at(filter, 'typed_config') })),
  );
  const managers = found.filter(({ config }) => typeOf(config) === TYPE.connectionManager);
  return {
    place,
    otherFilters: found.filter(({ config }) => typeOf(config) !== TYPE.connectionManager).map(({ filter }) => filter),
    connections: managers.map(({ chain, config }) => {
      // With one connection manager, its fields are what a reader means by the listener's.
      const hcm = { value: config.value, path: managers.length === 1 ? place.path : chain.path };
      return {
        hcm,
        listener: place,
        transportSocket: at({ value: chain.value, path: hcm.path }, 'transport_socket'),
        filters: buildFilters(at(hcm, 'http_filters')),
        routeConfig: routeConfigOf(hcm, routeConfigs),
      };
    }),
  };
}

function routeConfigOf(hcm: Place, routeConfigs: ReadonlyMap<string, unknown>): Place {
  const name = textOf(at(hcm, 'rds', 'route_config_name'));
  return name === undefined ? at(hcm, 'route_config') : { value: routeConfigs.get(name), path: `${hcm.path}.rds` };
}

function buildFilters(list: Place): readonly Filter[] {
  return items(list).map((outer) => {
    const name = textOf(at(outer, 'name')) ?? '';
    const config = { value: at(outer, 'typed_config').value, path: outer.path };
    if (typeOf(config) !== TYPE.matched) {
      return { name, type: typeOf(config), outer, config, matcher: undefined };
    }
    const inner = { value: at(config, 'extension_config', 'typed_config').value, path: outer.path };
    return { name, type: typeOf(inner), outer, config: inner, matcher: config };
  });
}

function buildCluster(place: Place): Cluster {
  const raw = at(place, 'typed_extension_protocol_options', TYPE.httpOptions);
  const options = { value: raw.value, path: place.path };
  return {
    name: textOf(at(place, 'name')) ?? '',
    place,
    options,
    filters: buildFilters(at(options, 'http_filters')),
    endpoints: items(at(place, 'load_assignment', 'endpoints')).flatMap((locality) =>
      items(at(locality, 'lb_endpoints')).flatMap((each) =>
        endpointOf({ ...at(each, 'endpoint', 'address'), path: `${place.path}.endpoints` }),
      ),
    ),
  };
}

export function endpointOf(address: Place): readonly Endpoint[] {
  const path = textOf(at(address, 'pipe', 'path'));
  const host = textOf(at(address, 'socket_address', 'address'));
  if (path !== undefined) {
    return [{ kind: 'pipe', path, place: address }];
  }
  const port = at(address, 'socket_address', 'port_value').value;
  return host === undefined ? [] : [{ kind: 'socket', host, port: typeof port === 'number' ? port : undefined, place: address }];
}

function unseenOf({ hcm, filters, routeConfig }: Connection): readonly Place[] {
  const vhosts = items(at(routeConfig, 'virtual_hosts'));
  const elsewhere = [at(hcm, 'scoped_routes'), at(routeConfig, 'vhds'), ...vhosts.map((vhost) => at(vhost, 'matcher'))].filter(isPresent);
  return [...(isPresent(routeConfig) ? [] : [routeConfig]), ...elsewhere, ...filters.flatMap(unseenFilter)];
}

const unseenFilter = ({ outer, type }: Filter): readonly Place[] => (type === '' ? [outer] : []);
