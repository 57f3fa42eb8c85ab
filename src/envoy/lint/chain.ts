import { METADATA } from '../../core/headers.ts';
import { isOwnScript } from './attempts.ts';
import { error, reporter, warning, type Finding } from './finding.ts';
import {
  checkFilter,
  decisionFilter,
  DECISION_STAGES,
  forwarding,
  grpcClusterOf,
  identifies,
  isTrustedNamespace,
  stageOf,
  type Inspection,
} from './inspection.ts';
import type { Connection, Filter } from './model.ts';
import { at, isPresent, textOf, textsOf, walk, type Place } from './place.ts';
import { TYPE } from './types.ts';

export const CHAIN = {
  'filter-missing': error(
    'a request can reach a provider without this stage of Sallyport; add the filter, or render the configuration anew',
    'Without ext_authz nobody is identified, without ext_proc nothing is decided. The gate of the cluster is then the only thing left.',
  ),
  'filter-order': error(
    'the stages stand in the wrong order; the order is body_size_limit, ext_authz, ext_proc, router',
    'A stage that runs late sees a request that an earlier one has already let pass.',
  ),
  'filter-after-decision': error(
    'a filter between the decision and the router may change what was decided; move it before ext_authz or remove it',
    'The bytes that go to the provider must be the bytes that were judged.',
  ),
  'metadata-writer': error(
    'another filter can write metadata that Sallyport’s stages believe; remove it or give it a namespace of its own',
    'Whoever writes `sallyport` opens the gate; whoever writes into the namespace of ext_authz can displace the caller.',
  ),
  'stage-wrong': error(
    'the gRPC initial metadata names the wrong stage for this filter; render the configuration anew',
    'Sallyport answers a stream by the stage that its metadata names.',
  ),
  'sidecar-call': warning(
    'the stage is not asked by envoy_grpc through a known cluster; use grpc_service.envoy_grpc',
    'google_grpc and http_service know neither the health checks nor the limits of the sidecar’s cluster, and an unknown cluster answers nothing.',
  ),
} as const;

const find = reporter(CHAIN);

/** Filters that may follow the decision: they refuse, delay or count, but change neither request nor metadata of ours. */
const HARMLESS_AFTER_DECISION: ReadonlySet<string> = new Set(
  [
    'ratelimit.v3.RateLimit',
    'local_ratelimit.v3.LocalRateLimit',
    'rate_limit_quota.v3.RateLimitQuotaFilterConfig',
    'admission_control.v3.AdmissionControl',
    'adaptive_concurrency.v3.AdaptiveConcurrency',
    'bandwidth_limit.v3.BandwidthLimit',
    'rbac.v3.RBAC',
    'grpc_stats.v3.FilterConfig',
  ].map((name) => `envoy.extensions.filters.http.${name}`),
);

/** Filters that run somebody’s code: they can write any namespace. */
const ANY_NAMESPACE = /\.(?:lua|wasm|golang|dynamic_modules)\.v\d/;

/** The stages of every connection manager that forwards requests. */
export function* judgeChain(inspection: Inspection): Generator<Finding> {
  for (const connection of forwarding(inspection)) {
    const needed = identifies(connection, inspection.settings) ? [TYPE.proc] : [TYPE.authz, TYPE.proc];
    for (const type of needed) {
      if (!connection.filters.some((filter) => filter.type === type)) {
        yield find('filter-missing', at(connection.hcm, 'http_filters', type === TYPE.authz ? 'ext_authz' : 'ext_proc'));
      }
    }
    yield* judgeOrder(connection);
    yield* judgeStages(connection, inspection);
    yield* judgeWriters(connection.filters, [checkFilter(connection), decisionFilter(connection)]);
  }
  for (const { filters } of inspection.model.clusters) {
    yield* judgeWriters(
      filters,
      filters.filter((each) => isRewrite(each) || isOwnScript(each)),
    );
  }
}

const isRewrite = ({ type, config }: Filter): boolean => type === TYPE.proc && stageOf(config) === 'rewrite';

function* judgeOrder(connection: Connection): Generator<Finding> {
  const { filters } = connection;
  const decision = decisionFilter(connection);
  const order = [filters.find(({ type }) => type === TYPE.bodyLimit), checkFilter(connection), decision].filter(
    (stage) => stage !== undefined,
  );
  let latest = -1;
  for (const stage of order) {
    const index = filters.indexOf(stage);
    if (index < latest || filters.slice(0, index).some(({ type }) => type === TYPE.router)) {
      yield find('filter-order', stage.config);
    }
    latest = Math.max(latest, index);
  }
  const after = decision === undefined ? [] : filters.slice(filters.indexOf(decision) + 1);
  const stages: readonly (Filter | undefined)[] = order;
  for (const filter of after.filter(
    (each) => each.type !== TYPE.router && !stages.includes(each) && !HARMLESS_AFTER_DECISION.has(each.type),
  )) {
    yield find('filter-after-decision', filter.config);
  }
}

function* judgeStages(connection: Connection, inspection: Inspection): Generator<Finding> {
  const decides = identifies(connection, inspection.settings) ? DECISION_STAGES[1] : DECISION_STAGES[0];
  for (const [filter, stage] of [[checkFilter(connection), 'check'] as const, [decisionFilter(connection), decides] as const]) {
    if (filter !== undefined && stageOf(filter.config) !== stage) {
      yield find('stage-wrong', filter.config, `here "${stageOf(filter.config) ?? ''}", meant "${stage}"`);
    }
    if (filter !== undefined) {
      yield* judgeCall(filter.config, inspection);
    }
  }
  for (const { name, filters } of inspection.providers) {
    for (const { config } of filters.filter(({ type }) => type === TYPE.proc)) {
      if (stageOf(config) !== 'rewrite') {
        yield find('stage-wrong', config, `cluster ${name}: here "${stageOf(config) ?? ''}", meant "rewrite"`);
      }
      yield* judgeCall(config, inspection);
    }
  }
}

function* judgeCall(config: Place, { model }: Inspection): Generator<Finding> {
  const cluster = grpcClusterOf(config);
  if (cluster === undefined || isPresent(at(config, 'http_service')) || !model.clusters.some(({ name }) => name === cluster)) {
    yield find('sidecar-call', at(config, 'grpc_service'), cluster === undefined ? undefined : `cluster "${cluster}"`);
  }
}

function* judgeWriters(filters: readonly Filter[], own: readonly (Filter | undefined)[]): Generator<Finding> {
  for (const filter of filters.filter((each) => !own.includes(each))) {
    const { type, config } = filter;
    // In chain `proc` nobody reads what ext_authz writes; in the other one its namespace is the caller's.
    const secondAuthz = type === TYPE.authz && own.some((stage) => stage?.type === TYPE.authz);
    const namespace = type === TYPE.proc ? writtenByProc(config) : namespaceWritten(config);
    if (secondAuthz || ANY_NAMESPACE.test(type) || namespace !== undefined) {
      yield find('metadata-writer', config, namespace ?? (secondAuthz ? METADATA.authz : 'any namespace'));
    }
  }
}

const writtenByProc = (config: Place): string | undefined =>
  textsOf(at(config, 'metadata_options', 'receiving_namespaces', 'untyped')).find(isTrustedNamespace);

/** The trusted namespace that some rule of `config` writes. */
function namespaceWritten(config: Place): string | undefined {
  for (const place of walk(config)) {
    const text = /(?:^|_)namespace$/.test(place.field) ? textOf(place) : undefined;
    if (text !== undefined && isTrustedNamespace(text)) {
      return text;
    }
  }
  return undefined;
}
