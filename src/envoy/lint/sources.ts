import { normalise } from './normalise.ts';
import { at, isPresent, items, textOf, typeOf, type Place } from './place.ts';

/** The pieces of a configuration, normalised, before they are put together. */
export interface Sources {
  readonly bootstrap: unknown;
  readonly listeners: readonly unknown[];
  readonly clusters: readonly unknown[];
  readonly routeConfigs: readonly unknown[];
  readonly unseen: readonly Place[];
  readonly rejected: readonly Place[];
}

const LISTENER = 'envoy.config.listener.v3.Listener';
const CLUSTER = 'envoy.config.cluster.v3.Cluster';
const ROUTES = 'envoy.config.route.v3.RouteConfiguration';

/**
 * Reads a bootstrap, or the answer of `/config_dump`. `resources` are the discovery files (`lds.yaml`, `cds.yaml`) that the
 * bootstrap names. Throws `NestingError` for a value nested too deeply.
 */
export function readSources(config: unknown, resources: readonly unknown[]): Sources {
  const root: Place = { value: normalise(config), path: '' };
  return isPresent(at(root, 'configs')) ? fromDump(root) : fromFiles(root, resources);
}

function fromFiles(bootstrap: Place, files: readonly unknown[]): Sources {
  const resources = files.flatMap((file) => items(at({ value: normalise(file), path: '' }, 'resources')));
  const ofType = (type: string): readonly unknown[] => resources.filter((each) => typeOf(each) === type).map(({ value }) => value);
  const inline = (kind: string): readonly unknown[] => items(at(bootstrap, 'static_resources', kind)).map(({ value }) => value);
  const listeners = ofType(LISTENER);
  const clusters = ofType(CLUSTER);
  const dynamic = at(bootstrap, 'dynamic_resources');
  const missing = [
    listeners.length === 0 ? at(dynamic, 'lds_config') : undefined,
    clusters.length === 0 ? at(dynamic, 'cds_config') : undefined,
  ].filter((place): place is Place => place !== undefined && isPresent(place));
  return {
    bootstrap: bootstrap.value,
    listeners: [...inline('listeners'), ...listeners],
    clusters: [...inline('clusters'), ...clusters],
    routeConfigs: ofType(ROUTES),
    unseen: missing,
    rejected: [],
  };
}

/** Where a dump keeps each kind of resource, and the field of the resource itself. */
const DUMPED = {
  listeners: { lists: [['static_listeners', 'listener']], states: 'dynamic_listeners' },
  clusters: {
    lists: [
      ['static_clusters', 'cluster'],
      ['dynamic_active_clusters', 'cluster'],
      ['dynamic_warming_clusters', 'cluster'],
    ],
  },
  routeConfigs: {
    lists: [
      ['static_route_configs', 'route_config'],
      ['dynamic_route_configs', 'route_config'],
    ],
  },
} as const;

function fromDump(root: Place): Sources {
  const parts = items(at(root, 'configs'));
  const listed = (lists: readonly (readonly [string, string])[]): readonly Place[] =>
    parts.flatMap((part) => lists.flatMap(([list, field]) => items(at(part, list)).map((item) => at(item, field)))).filter(isPresent);
  const states = parts.flatMap((part) => items(at(part, DUMPED.listeners.states)));
  // A listener that only warms will serve in a moment; one that drains still does.
  const dynamic = states.flatMap((state) =>
    ['active_state', 'warming_state', 'draining_state'].map((phase) => at(state, phase, 'listener')).filter(isPresent),
  );
  const bootstrap = parts.find((part) => typeOf(part) === 'envoy.admin.v3.BootstrapConfigDump');
  const entries = parts.flatMap((part) =>
    [...DUMPED.clusters.lists, ...DUMPED.routeConfigs.lists, ['dynamic_listeners'] as const].flatMap(([list]) => items(at(part, list))),
  );
  return {
    bootstrap: bootstrap === undefined ? undefined : at(bootstrap, 'bootstrap').value,
    listeners: [...listed(DUMPED.listeners.lists), ...dynamic].map(({ value }) => value),
    clusters: listed(DUMPED.clusters.lists).map(({ value }) => value),
    routeConfigs: listed(DUMPED.routeConfigs.lists).map(({ value }) => value),
    unseen: bootstrap === undefined ? [{ value: undefined, path: 'bootstrap' }] : [],
    rejected: entries.filter((entry) => isPresent(at(entry, 'error_state'))).map(rejectedPlace),
  };
}

function rejectedPlace(entry: Place): Place {
  const failed = at(entry, 'error_state', 'failed_configuration');
  const kind = typeOf(failed).endsWith('.Listener') ? 'listeners' : typeOf(failed).endsWith('.Cluster') ? 'clusters' : 'routes';
  return { value: entry.value, path: `${kind}.${textOf(at(failed, 'name')) ?? textOf(at(entry, 'name')) ?? ''}` };
}
