import { describeEndpoint } from './addresses.ts';
import { error, reporter, warning, type Finding } from './finding.ts';
import { keyClusterOf, type Inspection } from './inspection.ts';
import type { Cluster } from './model.ts';
import { at, durationMsOf, fields, isPresent, items, numberOf, type Place } from './place.ts';
import { TYPE } from './types.ts';

const noticeMsMax = 5_000;
const requestsMin = 1_025;

export const SIDECAR_CLUSTERS = {
  'shared-socket': error(
    'decisions and keys come through one listener; give keys a socket of their own',
    'Whoever may ask for decisions may then ask for every provider key.',
  ),
  'health-check-missing': warning(
    'Envoy does not notice a sidecar that stopped; add a grpc_health_check with a 1s interval',
    'A process that hangs keeps its share of the requests.',
  ),
  'health-check-slow': warning(
    'Envoy notices a stopped sidecar late; set interval and no_traffic_interval to 1s',
    'no_traffic_interval is 60 s unless set: one wedged process of two failed nearly every request for half a minute.',
  ),
  'panic-threshold': warning(
    'dead sidecar processes are used when most are dead; set common_lb_config.healthy_panic_threshold to 0',
    'The default is 50 %: with one of two processes down, half of the requests still go to it.',
  ),
  'keepalive-missing': warning(
    'a dead connection to the sidecar is not noticed; set connection_keepalive to 1s',
    'Streams on it wait for their time limit, one by one.',
  ),
  'circuit-breakers-default': warning(
    'the cluster takes 1,024 requests at a time; raise max_connections, max_pending_requests and max_requests',
    'Each open stream is a request of the provider’s cluster and one of the sidecar’s: stream 1,025 fails.',
  ),
} as const;

const find = reporter(SIDECAR_CLUSTERS);

/** The clusters that Sallyport is asked through, and the limits of all that a request uses. */
export function* judgeSidecarClusters(inspection: Inspection): Generator<Finding> {
  const { model, providers, decisionClusters, keyClusters } = inspection;
  const decisions = model.clusters.filter(({ name }) => decisionClusters.has(name));
  const keys = model.clusters.filter(({ name }) => keyClusters.has(name) && !decisionClusters.has(name));
  for (const cluster of [...decisions, ...keys]) {
    yield* judgeHealth(cluster);
  }
  for (const cluster of [...decisions, ...providers]) {
    yield* judgeBreakers(cluster);
  }
  yield* judgeSharing(inspection, decisions, keys);
}

function* judgeHealth({ place, options }: Cluster): Generator<Finding> {
  const checks = items(at(place, 'health_checks')).filter((check) => isPresent(at(check, 'grpc_health_check')));
  if (checks.length === 0) {
    yield find('health-check-missing', at(place, 'health_checks'));
  }
  for (const check of checks) {
    const late = ['interval', 'no_traffic_interval'].find((field) => (durationMsOf(at(check, field)) ?? Infinity) > noticeMsMax);
    if (late !== undefined) {
      yield find('health-check-slow', at(check, late));
    }
  }
  const threshold = at(place, 'common_lb_config', 'healthy_panic_threshold');
  // Zero is not printed: an empty message is 0, none at all is 50.
  if (!isPresent(threshold) || (numberOf(at(threshold, 'value')) ?? 0) !== 0) {
    yield find('panic-threshold', threshold);
  }
  const http2 = fields(at(options, 'explicit_http_config')).map(([, protocol]) => at(protocol, 'connection_keepalive'));
  if (!http2.some((keepalive) => (durationMsOf(at(keepalive, 'interval')) ?? 0) > 0)) {
    yield find('keepalive-missing', at(options, 'explicit_http_config', 'http2_protocol_options', 'connection_keepalive'));
  }
}

function* judgeBreakers({ place }: Cluster): Generator<Finding> {
  const thresholds = items(at(place, 'circuit_breakers', 'thresholds'));
  const limits = ['max_connections', 'max_pending_requests', 'max_requests'];
  const raised = (threshold: Place): boolean => limits.every((limit) => (numberOf(at(threshold, limit)) ?? 0) >= requestsMin);
  const forDefault = thresholds.filter((each) => ['DEFAULT', undefined, 0].includes(priorityOf(each)));
  if (!forDefault.some(raised)) {
    yield find('circuit-breakers-default', at(place, 'circuit_breakers'));
  }
}

function priorityOf(threshold: Place): string | number | undefined {
  const { value } = at(threshold, 'priority');
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}

function* judgeSharing(
  { model, decisionClusters }: Inspection,
  decisions: readonly Cluster[],
  keys: readonly Cluster[],
): Generator<Finding> {
  const addresses = new Set(decisions.flatMap(({ endpoints }) => endpoints.map(describeEndpoint)));
  for (const { endpoints } of keys) {
    for (const endpoint of endpoints.filter((each) => addresses.has(describeEndpoint(each)))) {
      yield find('shared-socket', endpoint.place, describeEndpoint(endpoint));
    }
  }
  for (const { filters } of model.clusters) {
    for (const { config } of filters.filter(({ type }) => type === TYPE.injector)) {
      const cluster = keyClusterOf(config);
      if (cluster !== undefined && decisionClusters.has(cluster)) {
        yield find('shared-socket', at(config, 'credential'), `cluster "${cluster}"`);
      }
    }
  }
}
