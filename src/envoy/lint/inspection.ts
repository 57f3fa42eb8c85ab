import { METADATA, STAGE_METADATA } from '../../core/headers.ts';
import type { Settings } from '../../config/settings.ts';
import { DECISION_CLUSTER, KEY_CLUSTER } from '../sidecar-cluster.ts';
import type { Cluster, Connection, EnvoyModel, Filter } from './model.ts';
import { at, items, isPresent, textOf, typeOf, type Place } from './place.ts';
import { TYPE } from './types.ts';

/** Everything that a rule may look at. */
export interface Inspection {
  readonly model: EnvoyModel;
  /** Undefined where the configuration is judged for itself. */
  readonly settings: Settings | undefined;
  /** Names of the clusters by which Envoy asks for decisions, and for keys. */
  readonly decisionClusters: ReadonlySet<string>;
  readonly keyClusters: ReadonlySet<string>;
  /** Clusters that a request may be sent to. */
  readonly providers: readonly Cluster[];
}

export function inspect(model: EnvoyModel, settings: Settings | undefined): Inspection {
  const asked = ownStages(model).flatMap(({ config }) => grpcClusterOf(config) ?? []);
  const injectors = allFilters(model).filter(({ type }) => type === TYPE.injector);
  const keyClusters = new Set([KEY_CLUSTER, ...injectors.flatMap(({ config }) => keyClusterOf(config) ?? [])]);
  const decisionClusters = new Set([DECISION_CLUSTER, ...asked]);
  const reached = new Set(model.connections.flatMap((connection) => routesOf(connection).flatMap(({ targets }) => targets)));
  const isProvider = ({ name, filters: own }: Cluster): boolean =>
    !decisionClusters.has(name) &&
    !keyClusters.has(name) &&
    (reached.has(name) || settings?.providers.has(name) === true || own.some(({ type }) => type === TYPE.injector || type === TYPE.rbac));
  return { model, settings, decisionClusters, keyClusters, providers: model.clusters.filter(isProvider) };
}

export const allFilters = ({ connections, clusters }: EnvoyModel): readonly Filter[] => [
  ...connections.flatMap(({ filters }) => filters),
  ...clusters.flatMap(({ filters }) => filters),
];

/** Every stage that Sallyport answers; a foreign ext_authz or ext_proc beside them is none. */
export const ownStages = ({ connections, clusters }: EnvoyModel): readonly Filter[] => [
  ...connections.flatMap((connection) => [checkFilter(connection), decisionFilter(connection)].filter((stage) => stage !== undefined)),
  ...clusters.flatMap(({ filters }) => filters.filter(({ type }) => type === TYPE.proc)),
];

/** The cluster that a filter's gRPC service is asked through. */
export const grpcClusterOf = (config: Place): string | undefined => textOf(at(config, 'grpc_service', 'envoy_grpc', 'cluster_name'));

/** The SDS source of an injector's key. */
export const keySource = (config: Place): Place => at(config, 'credential', 'typed_config', 'credential', 'sds_config');

export const keyClusterOf = (config: Place): string | undefined =>
  items(at(keySource(config), 'api_config_source', 'grpc_services')).map((each) => textOf(at(each, 'envoy_grpc', 'cluster_name')))[0];

/** A value of the gRPC initial metadata by which a stage says what it is. */
export function stageMetadata(config: Place, key: string): Place {
  const entry = items(at(config, 'grpc_service', 'initial_metadata')).find((each) => textOf(at(each, 'key')) === key);
  return { value: entry === undefined ? undefined : at(entry, 'value').value, path: `${config.path}.grpc_service.initial_metadata.${key}` };
}

export const stageOf = (config: Place): string | undefined => textOf(stageMetadata(config, STAGE_METADATA.stage));

/** Our stages among the filters of a connection; a foreign ext_authz or ext_proc is none of them. */
export function ownStage(filters: readonly Filter[], type: string, stages: readonly string[]): Filter | undefined {
  const candidates = filters.filter((filter) => filter.type === type);
  return candidates.find(({ config }) => stages.includes(stageOf(config) ?? '')) ?? candidates[0];
}

export const DECISION_STAGES = ['decide', 'identify-and-decide'] as const;

export const decisionFilter = ({ filters }: Connection): Filter | undefined => ownStage(filters, TYPE.proc, DECISION_STAGES);
export const checkFilter = ({ filters }: Connection): Filter | undefined => ownStage(filters, TYPE.authz, ['check']);

/** True where the decision must identify the caller too: chain `proc`. */
export function identifies(connection: Connection, settings: Settings | undefined): boolean {
  if (settings !== undefined) {
    return settings.edge.chain === 'proc';
  }
  const decision = decisionFilter(connection);
  return decision !== undefined && stageOf(decision.config) === 'identify-and-decide';
}

/** One route with what it stands in. */
export interface Route {
  readonly place: Place;
  readonly action: Place;
  readonly virtualHost: Place;
  /** Clusters that the configuration itself names. */
  readonly targets: readonly string[];
  /** The priority group plugin, where the route has one. */
  readonly priorityGroups: Place | undefined;
}

export const virtualHostsOf = ({ routeConfig }: Connection): readonly Place[] => items(at(routeConfig, 'virtual_hosts'));

export function routesOf(connection: Connection): readonly Route[] {
  const plugins = items(at(connection.routeConfig, 'cluster_specifier_plugins'));
  return virtualHostsOf(connection).flatMap((virtualHost) =>
    items(at(virtualHost, 'routes')).map((place) => {
      const action = at(place, 'route');
      const named = textOf(at(action, 'cluster_specifier_plugin'));
      const plugin =
        named === undefined
          ? at(action, 'inline_cluster_specifier_plugin')
          : plugins.find((each) => textOf(at(each, 'extension', 'name')) === named);
      const config = plugin === undefined ? undefined : at(plugin, 'extension', 'typed_config');
      const priorityGroups = config !== undefined && typeOf(config) === TYPE.priorityGroups ? config : undefined;
      return { place, action, virtualHost, priorityGroups, targets: targetsOf(action, priorityGroups) };
    }),
  );
}

function targetsOf(action: Place, priorityGroups: Place | undefined): readonly string[] {
  const single = textOf(at(action, 'cluster'));
  const weighted = items(at(action, 'weighted_clusters', 'clusters')).flatMap((each) => textOf(at(each, 'name')) ?? []);
  const grouped =
    priorityGroups === undefined
      ? []
      : items(at(priorityGroups, 'priority_groups')).flatMap((group) =>
          items(at(group, 'clusters')).flatMap((each) => textOf(at(each, 'cluster_name')) ?? []),
        );
  return [...(single === undefined ? [] : [single]), ...weighted, ...grouped];
}

/** True where some route leads anywhere but to an answer of Envoy's own. */
export const forwards = (connection: Connection): boolean =>
  !isPresent(connection.routeConfig) ||
  routesOf(connection).some(({ action, place }) => isPresent(action) || isPresent(at(place, 'filter_action')));

/** Connections that requests go through to somewhere: those that must have the whole chain. */
export const forwarding = ({ model }: Inspection): readonly Connection[] => model.connections.filter(forwards);

/** Metadata namespaces that the gate and the decision believe. */
export const isTrustedNamespace = (name: string): boolean => name === METADATA.authz || name.startsWith(METADATA.decision);
