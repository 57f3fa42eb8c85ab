import { METADATA, ROUTE_HEADER } from '../../core/headers.ts';
import { error, reporter, warning, type Finding } from './finding.ts';
import { routesOf, virtualHostsOf, type Inspection, type Route } from './inspection.ts';
import { at, durationMsOf, isOn, isPresent, items, numberOf, textOf, type Place } from './place.ts';

export const ROUTES = {
  'route-unguarded': error(
    `a route leads to a provider without a decision; match the header ${ROUTE_HEADER} exactly`,
    'Only the decision sets this header, and a client’s own is removed. The route would take requests that nobody decided.',
  ),
  'route-to-sidecar': error(
    'a route leads to Sallyport’s own listeners; remove it',
    'Whoever may speak to the key listener is given every provider key.',
  ),
  'route-cluster-choice': error(
    'the cluster is not named by the configuration; use a priority group',
    'With cluster_header or an unknown plugin something other than the decision chooses where a request goes.',
  ),
  'route-redirect': error(
    'a route redirects; remove it',
    'A redirect takes client and credential to another address; an internal one runs a request again with another path.',
  ),
  'route-rewrites': error(
    'a route changes path or host after the decision; remove the rewrite',
    'The operation that reaches the provider must be the one that was judged.',
  ),
  'request-mirrored': error(
    'requests are copied to another cluster; remove request_mirror_policies',
    'The copy carries prompts, and the caller’s residency and consent were not asked for it.',
  ),
  'upgrade-allowed': error(
    'upgrades or CONNECT are allowed; remove upgrade_configs and connect_matcher',
    'After an upgrade Envoy passes bytes that no stage sees.',
  ),
  'retry-double-billing': error(
    'a retry policy repeats requests that a provider may have billed already; keep to connect-failure, refused-stream, reset-before-request',
    'With reset, 5xx or gateway-error, and with hedging, one request is paid for twice. The decision widens retries itself where that is safe.',
  ),
  'retry-same-target': warning(
    'a retry goes to the same target again; set refresh_cluster_on_retry in the route’s retry_policy',
    'Without it the second attempt does not go to the next priority group.',
  ),
  'order-ignored': warning(
    `the route does not take the decision’s order; use a priority group with override_metadata_namespace ${METADATA.order}`,
    'The targets are then tried as the file lists them, and most attempts end at a gate.',
  ),
  'route-timeout': warning(
    'the route cuts long answers; set timeout: 0s',
    'The default of 15 s covers the whole answer; a stream takes longer.',
  ),
  'catch-all-missing': warning(
    'a virtual host does not end in a route that refuses everything; add prefix "/" with a direct_response 404',
    'An undecided request should end at an answer that says so, not at whatever route is added next.',
  ),
  'attempt-count-missing': warning(
    'attempts are not counted; set include_request_attempt_count on the virtual host',
    'The rewrite stage is skipped at attempt 1 by this header; without it every request costs one more round trip.',
  ),
} as const;

const find = reporter(ROUTES);

export function* judgeRoutes(inspection: Inspection): Generator<Finding> {
  for (const connection of inspection.model.connections) {
    yield* judgeMirrors(connection.routeConfig);
    yield* judgeUpgrades(connection.hcm);
    for (const virtualHost of virtualHostsOf(connection)) {
      yield* judgeVirtualHost(virtualHost);
    }
    for (const route of routesOf(connection)) {
      yield* judgeRoute(route, inspection);
    }
  }
  for (const { options } of inspection.providers) {
    yield* judgeMirrors(options);
    yield* judgeRetries(at(options, 'retry_policy'));
  }
}

function* judgeVirtualHost(virtualHost: Place): Generator<Finding> {
  yield* judgeMirrors(virtualHost);
  yield* judgeRetries(at(virtualHost, 'retry_policy'));
  yield* judgeHedging(virtualHost);
  const routes = items(at(virtualHost, 'routes'));
  const last = routes.at(-1);
  if (last === undefined || !isCatchAll(last)) {
    yield find('catch-all-missing', at(virtualHost, 'routes'));
  }
  if (routes.some((route) => isPresent(at(route, 'route'))) && !isOn(at(virtualHost, 'include_request_attempt_count'))) {
    yield find('attempt-count-missing', at(virtualHost, 'include_request_attempt_count'));
  }
}

function isCatchAll(route: Place): boolean {
  const match = at(route, 'match');
  const conditions = [
    'headers',
    'query_parameters',
    'cookies',
    'grpc',
    'tls_context',
    'dynamic_metadata',
    'filter_state',
    'runtime_fraction',
  ];
  return (
    textOf(at(match, 'prefix')) === '/' &&
    !conditions.some((condition) => isPresent(at(match, condition))) &&
    (numberOf(at(route, 'direct_response', 'status')) ?? 0) >= 400
  );
}

function* judgeRoute(route: Route, inspection: Inspection): Generator<Finding> {
  const { place, action } = route;
  if (isPresent(at(place, 'redirect'))) {
    yield find('route-redirect', at(place, 'redirect'));
  }
  // With a direct response the route refuses CONNECT.
  if (isPresent(action) && isPresent(at(place, 'match', 'connect_matcher'))) {
    yield find('upgrade-allowed', at(place, 'match', 'connect_matcher'));
  }
  if (isPresent(at(place, 'filter_action'))) {
    yield find('route-cluster-choice', at(place, 'filter_action'));
  }
  if (isPresent(action)) {
    yield* judgeTarget(route, inspection);
    yield* judgeAction(action);
    yield* judgeRetryTarget(route);
  }
}

function* judgeTarget(
  { place, action, targets, priorityGroups }: Route,
  { decisionClusters, keyClusters }: Inspection,
): Generator<Finding> {
  const own = targets.filter((name) => decisionClusters.has(name) || keyClusters.has(name));
  if (own.length > 0) {
    yield find('route-to-sidecar', action, own.join(', '));
  }
  if (!hasGuard(place)) {
    yield find('route-unguarded', at(place, 'match'));
  }
  const byHeader = items(at(action, 'weighted_clusters', 'clusters')).some((each) => isPresent(at(each, 'cluster_header')));
  if (targets.length === 0 || byHeader) {
    yield find('route-cluster-choice', action);
  } else if (priorityGroups === undefined || textOf(at(priorityGroups, 'override_metadata_namespace')) !== METADATA.order) {
    yield find('order-ignored', priorityGroups === undefined ? action : at(priorityGroups, 'override_metadata_namespace'));
  }
}

const hasGuard = (route: Place): boolean =>
  items(at(route, 'match', 'headers')).some((header) => {
    const exact = textOf(at(header, 'string_match', 'exact')) ?? textOf(at(header, 'exact_match'));
    const name = textOf(at(header, 'name'))?.toLowerCase();
    return name === ROUTE_HEADER && exact !== undefined && exact !== '' && !isOn(at(header, 'invert_match'));
  });

const REWRITES = [
  'prefix_rewrite',
  'regex_rewrite',
  'path_rewrite_policy',
  'path_rewrite',
  'host_rewrite',
  'host_rewrite_literal',
  'host_rewrite_header',
  'host_rewrite_path_regex',
  'auto_host_rewrite',
];

function* judgeAction(action: Place): Generator<Finding> {
  yield* judgeMirrors(action);
  yield* judgeUpgrades(action);
  yield* judgeHedging(action);
  yield* judgeRetries(at(action, 'retry_policy'));
  const timeout = at(action, 'timeout');
  if (durationMsOf(timeout) !== 0) {
    yield find('route-timeout', timeout);
  }
  for (const field of REWRITES.filter((each) => isPresent(at(action, each)) && at(action, each).value !== false)) {
    yield find('route-rewrites', at(action, field));
  }
  for (const field of ['internal_redirect_policy', 'internal_redirect_action']) {
    if (isPresent(at(action, field))) {
      yield find('route-redirect', at(action, field));
    }
  }
}

function* judgeRetryTarget({ action, virtualHost, priorityGroups }: Route): Generator<Finding> {
  const policy = [at(action, 'retry_policy'), at(virtualHost, 'retry_policy')].find(isPresent) ?? at(action, 'retry_policy');
  if (priorityGroups !== undefined && !isOn(at(policy, 'refresh_cluster_on_retry'))) {
    yield find('retry-same-target', at(policy, 'refresh_cluster_on_retry'));
  }
}

const DOUBLE_BILLING = new Set(['5xx', 'gateway-error', 'reset', 'http3-post-connect-failure']);

function* judgeRetries(policy: Place): Generator<Finding> {
  const conditions = (textOf(at(policy, 'retry_on')) ?? '').split(',').map((each) => each.trim());
  const unsafe = conditions.filter((each) => DOUBLE_BILLING.has(each));
  if (unsafe.length > 0) {
    yield find('retry-double-billing', at(policy, 'retry_on'), unsafe.join(', '));
  }
}

function* judgeHedging(level: Place): Generator<Finding> {
  if (isPresent(at(level, 'hedge_policy'))) {
    yield find('retry-double-billing', at(level, 'hedge_policy'));
  }
}

function* judgeMirrors(level: Place): Generator<Finding> {
  if (items(at(level, 'request_mirror_policies')).length > 0) {
    yield find('request-mirrored', at(level, 'request_mirror_policies'));
  }
}

function* judgeUpgrades(level: Place): Generator<Finding> {
  if (items(at(level, 'upgrade_configs')).some((each) => at(each, 'enabled').value !== false)) {
    yield find('upgrade-allowed', at(level, 'upgrade_configs'));
  }
}
