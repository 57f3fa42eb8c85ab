import { error, reporter, type Finding } from './finding.ts';
import { FAIL_OPEN } from './fail-open.ts';
import { virtualHostsOf, type Inspection } from './inspection.ts';
import type { Connection } from './model.ts';
import { at, fields, isOn, isPresent, items, typeOf, type Place } from './place.ts';
import { TYPE } from './types.ts';

export const PER_ROUTE = {
  'route-override': error(
    'a route changes how a filter of Sallyport works; remove this entry of typed_per_filter_config',
    'Routes are chosen after the decision, so a stage that differs by route was not the one that decided.',
  ),
} as const;

const find = reporter(PER_ROUTE);
const findOpen = reporter(FAIL_OPEN);

/** `typed_per_filter_config` at every level at which Envoy reads it. */
export function* judgePerRoute({ model }: Inspection): Generator<Finding> {
  for (const connection of model.connections) {
    const stages = new Set(
      connection.filters.filter(({ type }) => type === TYPE.authz || type === TYPE.proc || type === TYPE.bodyLimit).map(({ name }) => name),
    );
    for (const level of levelsOf(connection)) {
      for (const [name, entry] of fields(at(level, 'typed_per_filter_config'))) {
        yield* judgeEntry(entry, stages.has(name));
      }
    }
  }
}

function levelsOf(connection: Connection): readonly Place[] {
  const virtualHosts = virtualHostsOf(connection);
  const routes = virtualHosts.flatMap((virtualHost) => items(at(virtualHost, 'routes')));
  const weighted = routes.flatMap((route) => items(at(route, 'route', 'weighted_clusters', 'clusters')));
  return [connection.routeConfig, ...virtualHosts, ...routes, ...weighted];
}

function* judgeEntry(entry: Place, isStage: boolean): Generator<Finding> {
  const wrapped = typeOf(entry) === TYPE.filterConfig;
  const config = wrapped ? at(entry, 'config') : entry;
  const ours = isStage || typeOf(config) === TYPE.authzPerRoute || typeOf(config) === TYPE.procPerRoute;
  if (!ours) {
    return;
  }
  const offs = [at(entry, 'disabled'), at(config, 'disabled')].filter(isOn).slice(0, 1);
  for (const off of offs) {
    yield findOpen('filter-disabled', off);
  }
  if (wrapped && isOn(at(entry, 'is_optional'))) {
    yield findOpen('filter-optional', at(entry, 'is_optional'));
  }
  const overrides = at(config, 'overrides');
  if (isOn(at(overrides, 'failure_mode_allow'))) {
    yield findOpen('proc-fail-open', at(overrides, 'failure_mode_allow'));
  }
  const changes = [...fields(config), ...fields(overrides)].filter(
    ([key, place]) => isPresent(place) && !['@type', 'disabled', 'overrides', 'failure_mode_allow'].includes(key),
  );
  for (const [, change] of changes) {
    yield find('route-override', change);
  }
}
