import { FILTERS, HCM, LOG, PROC, ROUTE, ROUTES, SIDECAR, typed, VHOST, type Broken } from './broken-places.ts';

const plugin = `${ROUTE}/route/inline_cluster_specifier_plugin`;
const guarded = { prefix: '/', headers: [{ name: 'x-sallyport-route', string_match: { exact: 'other' } }] };
const grpcLog = (fields: object = {}): object => ({
  name: 'als',
  typed_config: typed('envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig', {
    common_config: { log_name: 'x', grpc_service: { envoy_grpc: { cluster_name: 'logs' } } },
    ...fields,
  }),
});
const tagged = (tag: object): object => ({ custom_tags: [{ tag: 'x', ...tag }] });
const added = (key: string, value: string): object => [{ header: { key, value } }];

// Put together here, so that no file holds what looks like a key.
const lookalike = ['sk', 'proj', 'A1b2C3d4E5f6G7h8I9j0K1l2'].join('-');

/** Routes, and what Envoy prints. */
export const ROUTES_AND_OUTPUT: readonly Broken[] = [
  { name: 'a route for everybody', finds: ['route-unguarded'], set: { [`${ROUTE}/match/headers`]: undefined } },
  {
    name: 'a route for whoever has the header',
    finds: ['route-unguarded'],
    set: { [`${ROUTE}/match/headers/0`]: { name: 'x-sallyport-route', present_match: true } },
  },
  { name: 'a route for whoever has it not', finds: ['route-unguarded'], set: { [`${ROUTE}/match/headers/0/invert_match`]: true } },
  { name: 'a route by another header', finds: ['route-unguarded'], set: { [`${ROUTE}/match/headers/0/name`]: 'x-model' } },
  {
    name: 'a route to the key listener',
    finds: ['route-to-sidecar', 'order-ignored'],
    set: { [`${VHOST}/routes/+0`]: { match: guarded, route: { timeout: '0s', cluster: 'sallyport-sds' } } },
  },
  {
    name: 'a header chooses the cluster',
    finds: ['route-cluster-choice'],
    set: { [`${VHOST}/routes/+0`]: { match: guarded, route: { timeout: '0s', cluster_header: 'x-cluster' } } },
  },
  {
    name: 'a plugin chooses the cluster',
    finds: ['route-cluster-choice'],
    set: { [`${plugin}/extension/typed_config`]: typed('envoy.extensions.router.cluster_specifiers.lua.v3.LuaConfig') },
  },
  {
    name: 'a redirect',
    finds: ['route-redirect'],
    set: { [`${VHOST}/routes/+0`]: { match: { path: '/old' }, redirect: { host_redirect: 'elsewhere.example' } } },
  },
  { name: 'an internal redirect', finds: ['route-redirect'], set: { [`${ROUTE}/route/internal_redirect_policy`]: {} } },
  { name: 'another path after the decision', finds: ['route-rewrites'], set: { [`${ROUTE}/route/prefix_rewrite`]: '/v1/' } },
  { name: 'another host after the decision', finds: ['route-rewrites'], set: { [`${ROUTE}/route/auto_host_rewrite`]: true } },
  { name: 'requests copied', finds: ['request-mirrored'], set: { [`${ROUTE}/route/request_mirror_policies`]: [{ cluster: 'in-house' }] } },
  { name: 'websockets', finds: ['upgrade-allowed'], set: { [`${HCM}/upgrade_configs`]: [{ upgrade_type: 'websocket' }] } },
  {
    name: 'CONNECT',
    finds: ['upgrade-allowed'],
    set: { [`${ROUTE}/route/upgrade_configs`]: [{ upgrade_type: 'CONNECT', connect_config: {} }] },
  },
  {
    name: 'retries after a reset',
    finds: ['retry-double-billing'],
    set: { [`${ROUTE}/route/retry_policy/retry_on`]: 'connect-failure,reset' },
  },
  { name: 'hedged requests', finds: ['retry-double-billing'], set: { [`${VHOST}/hedge_policy`]: { hedge_on_per_try_timeout: true } } },
  {
    name: 'retries at the same target',
    finds: ['retry-same-target'],
    set: { [`${ROUTE}/route/retry_policy/refresh_cluster_on_retry`]: undefined },
  },
  { name: 'no order', finds: ['order-ignored'], set: { [`${plugin}/extension/typed_config/override_metadata_namespace`]: undefined } },
  { name: 'one cluster', finds: ['order-ignored'], set: { [plugin]: undefined, [`${ROUTE}/route/cluster`]: 'openai' } },
  { name: 'answers of 15 s', finds: ['route-timeout'], set: { [`${ROUTE}/route/timeout`]: undefined } },
  { name: 'no catch-all', finds: ['catch-all-missing'], set: { [`${VHOST}/routes/-1`]: undefined } },
  { name: 'a catch-all that says yes', finds: ['catch-all-missing'], set: { [`${VHOST}/routes/-1/direct_response/status`]: 200 } },
  { name: 'attempts are not counted', finds: ['attempt-count-missing'], set: { [`${VHOST}/include_request_attempt_count`]: undefined } },
  { name: 'the log prints keys', finds: ['credential-printed'], set: { [`${LOG}/auth`]: '%REQ(Authorization):20%' } },
  { name: 'the log prints keys as a second choice', finds: ['credential-printed'], set: { [`${LOG}/auth`]: '%REQ(X-USER?X-API-KEY)%' } },
  {
    name: 'the log prints keys by an expression',
    finds: ['credential-printed'],
    set: { [`${LOG}/auth`]: "%CEL(request.headers['x-api-key'])%" },
  },
  { name: 'the log prints the provider’s sessions', finds: ['credential-printed'], set: { [`${LOG}/session`]: '%RESP(set-cookie)%' } },
  {
    name: 'an answer that repeats the key',
    finds: ['credential-printed'],
    set: { [`${VHOST}/response_headers_to_add`]: added('x-echo', '%REQ(x-api-key)%') },
  },
  {
    name: 'a trace with keys',
    finds: ['credential-printed'],
    set: { [`${HCM}/tracing`]: tagged({ request_header: { name: 'authorization' } }) },
  },
  {
    name: 'a log service with cookies',
    finds: ['credential-printed', 'metadata-printed'],
    set: { [`${HCM}/access_log/+1`]: grpcLog({ additional_request_headers_to_log: ['user-agent', 'cookie'] }) },
  },
  {
    name: 'a rate limit by key',
    finds: ['credential-printed'],
    set: { [`${VHOST}/rate_limits`]: [{ actions: [{ request_headers: { header_name: 'x-api-key', descriptor_key: 'key' } }] }] },
  },
  { name: 'a log service gets all metadata', finds: ['metadata-printed'], set: { [`${HCM}/access_log/+1`]: grpcLog() } },
  {
    name: 'the log prints the sealed caller',
    finds: ['metadata-printed'],
    set: { [`${LOG}/caller`]: '%DYNAMIC_METADATA(envoy.filters.http.ext_authz:sallyport_caller)%' },
  },
  {
    name: 'a trace with the decision',
    finds: ['metadata-printed'],
    set: {
      [`${HCM}/tracing`]: tagged({ metadata: { kind: { request: {} }, metadata_key: { key: 'sallyport', path: [{ key: 'allow' }] } } }),
    },
  },
  { name: 'the log prints the query', finds: ['query-printed'], set: { [`${LOG}/path`]: '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%' } },
  { name: 'the log prints the whole path', finds: ['query-printed'], set: { [`${LOG}/path`]: '%PATH%' } },
  { name: 'the default log format', finds: ['query-printed'], set: { [`${HCM}/access_log/0/typed_config/log_format`]: undefined } },
  { name: 'a key in a header', finds: ['pasted-key'], set: { [`${VHOST}/request_headers_to_add`]: added('x-account', lookalike) } },
  {
    name: 'a key in gRPC metadata',
    finds: ['pasted-key'],
    set: { [`${PROC}/grpc_service/initial_metadata/+3`]: { key: 'token', value: lookalike } },
  },
  {
    name: 'a key as a static secret',
    finds: ['pasted-key'],
    set: { 'static_resources/secrets': [{ name: 'openai', generic_secret: { secret: { inline_string: 'anything' } } }] },
  },
  {
    name: 'a route with its own credential',
    finds: ['credential-header-set'],
    set: { [`${ROUTE}/request_headers_to_add`]: added('Authorization', 'Bearer x') },
  },
  {
    name: 'a filter that sets the route header',
    finds: ['credential-header-set'],
    set: {
      [`${FILTERS}/+0`]: {
        name: 'set',
        typed_config: typed('envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
          mutations: { request_mutations: [{ append: { header: { key: 'x-sallyport-route', value: 'model-60000' } } }] },
        }),
      },
    },
  },
  {
    name: 'a second connection manager without any stage',
    finds: ['filter-missing'],
    set: {
      'static_resources/listeners/+end': { $copy: 'static_resources/listeners/@edge' },
      'static_resources/listeners/1/name': 'second',
      'static_resources/listeners/1/filter_chains/0/filters/0/typed_config/http_filters/@envoy.filters.http.ext_proc': undefined,
      'static_resources/listeners/1/filter_chains/0/filters/0/typed_config/http_filters/@envoy.filters.http.ext_authz': undefined,
    },
    chain: 'authz+proc',
  },
  {
    name: 'a listener to a cluster of the sidecar’s own',
    finds: ['route-to-sidecar', 'order-ignored'],
    set: {
      [`${ROUTES}/cluster_specifier_plugins`]: [],
      [`${VHOST}/routes/+0`]: {
        match: guarded,
        route: { timeout: '0s', weighted_clusters: { clusters: [{ name: 'sallyport', weight: 1 }] } },
      },
      [`${SIDECAR}/alt_stat_name`]: 'sidecar',
    },
  },
];
