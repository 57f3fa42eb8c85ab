import { METADATA, ROUTE_HEADER } from '../core/headers.ts';
import { routeOf } from '../config/fingerprint.ts';
import type { Model, Settings } from '../config/settings.ts';
import { seconds, typed, type JsonObject } from './json.ts';

/**
 * Connection-level failures may always be tried again: nothing was billed. The decision widens this per request, where a
 * model has more than one target (`x-envoy-retry-on`, `x-envoy-max-retries`).
 */
const connectionFailures = 'connect-failure,refused-stream,reset-before-request';

/** Routes exist for decided requests only; everything else ends at the catch-all. */
export function routeConfig(settings: Settings): JsonObject {
  const models = new Map([...settings.models.values()].map((model) => [routeOf(model), model]));
  return {
    name: 'models',
    // Files are watched apart: a listener that is read before the clusters it names would be rejected, and not read again.
    validate_clusters: false,
    virtual_hosts: [
      {
        name: 'all',
        domains: ['*'],
        include_request_attempt_count: true,
        routes: [
          ...[...models.keys()].toSorted().flatMap((name) => {
            const model = models.get(name);
            return model === undefined ? [] : [modelRoute(settings, name, model)];
          }),
          ...denyRoutes,
        ],
      },
    ],
  };
}

function modelRoute(settings: Settings, name: string, model: Model): JsonObject {
  return {
    match: { prefix: '/', headers: [{ name: ROUTE_HEADER, string_match: { exact: name } }] },
    route: {
      // A whole-answer timeout would cut long streams; silence is bounded by the idle timeouts.
      timeout: '0s',
      inline_cluster_specifier_plugin: {
        extension: {
          name: 'targets',
          typed_config: typed('envoy.extensions.router.cluster_specifiers.priority_group.v3.PriorityGroupClusterSpecifier', {
            override_metadata_namespace: METADATA.order,
            priority_groups: [...settings.providers.keys()].map((cluster) => ({
              name: cluster,
              clusters: [{ cluster_name: cluster, weight: 1 }],
            })),
          }),
        },
      },
      retry_policy: {
        retry_on: connectionFailures,
        num_retries: 1,
        refresh_cluster_on_retry: true,
        retry_back_off: { base_interval: '0.05s', max_interval: '1s' },
        per_try_idle_timeout: seconds(model.firstByteMs),
      },
    },
  };
}

/**
 * Where everything ends that no decision gave a route. Their bodies come from the local reply configuration, by path.
 * CONNECT matches no path, and without a route ext_authz would pass it unasked.
 */
const denyRoutes: readonly JsonObject[] = [
  { match: { connect_matcher: {} }, direct_response: { status: 403 } },
  { match: { prefix: '/' }, direct_response: { status: 404 } },
];
