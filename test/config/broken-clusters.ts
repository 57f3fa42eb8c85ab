import {
  ATTEMPT,
  filter,
  GATE,
  IN_HOUSE,
  IN_HOUSE_ADDRESS,
  INJECTOR,
  KEYS,
  OPENAI,
  OPENAI_FILTERS,
  OPENAI_OPTIONS,
  OPENAI_TLS,
  PRINCIPAL,
  PROC,
  REWRITE,
  REWRITE_MATCHER,
  SENT,
  SIDECAR,
  SIDECAR_OPTIONS,
  STATUS,
  STRIP,
  typed,
  type Broken,
} from './broken-places.ts';

const matched = `${PRINCIPAL}/sourced_metadata/metadata_matcher`;
const validation = `${OPENAI_TLS}/common_tls_context/validation_context`;

/** Gate, rewrite, key, strip; connections to providers and to the sidecar. */
export const CLUSTERS: readonly Broken[] = [
  { name: 'no gate', finds: ['gate-missing'], set: { [`${OPENAI_FILTERS}/@sallyport.gate`]: undefined } },
  { name: 'a gate for everybody', finds: ['gate-weak'], set: { [PRINCIPAL]: { any: true } } },
  {
    name: 'a gate with a back door',
    finds: ['gate-weak'],
    set: { [`${GATE}/rules/policies/also`]: { permissions: [{ any: true }], principals: [{ any: true }] } },
  },
  {
    name: 'a gate that only watches',
    finds: ['gate-weak'],
    set: { [`${GATE}/shadow_rules`]: { $copy: `${GATE}/rules` }, [`${GATE}/rules`]: undefined },
  },
  { name: 'a gate that denies what is allowed', finds: ['gate-weak'], set: { [`${GATE}/rules/action`]: 'DENY' } },
  { name: 'a gate on another namespace', finds: ['gate-weak'], set: { [`${matched}/filter`]: 'envoy.filters.http.jwt_authn' } },
  { name: 'a gate on what the route says', finds: ['gate-weak'], set: { [`${PRINCIPAL}/sourced_metadata/metadata_source`]: 'ROUTE' } },
  {
    name: 'a gate on another cluster',
    finds: ['gate-wrong-cluster'],
    set: { [`${matched}/value/list_match/one_of/string_match/exact`]: 'in-house' },
  },
  {
    name: 'the gate behind the key',
    finds: ['gate-late'],
    set: { [`${OPENAI_FILTERS}/+@sallyport.strip`]: { $move: `${OPENAI_FILTERS}/@sallyport.gate` } },
  },
  { name: 'the gate disabled', finds: ['filter-disabled'], set: { [`${OPENAI_FILTERS}/@sallyport.gate/disabled`]: true } },
  { name: 'no rewrite stage', finds: ['rewrite-missing'], set: { [`${OPENAI_FILTERS}/@sallyport.rewrite`]: undefined } },
  {
    name: 'the rewrite stage skipped at attempt 2 too',
    finds: ['rewrite-condition'],
    set: { [`${REWRITE_MATCHER}/matcher_tree/exact_match_map/map/2`]: { $copy: `${REWRITE_MATCHER}/matcher_tree/exact_match_map/map/1` } },
  },
  {
    name: 'the rewrite stage for another target',
    finds: ['rewrite-wrong-target'],
    set: { [`${REWRITE}/grpc_service/initial_metadata/1/value`]: 'in-house' },
  },
  {
    name: 'the rewrite stage behind the key',
    finds: ['rewrite-late'],
    set: { [`${OPENAI_FILTERS}/+@sallyport.strip`]: { $move: `${OPENAI_FILTERS}/@sallyport.rewrite` } },
  },
  { name: 'the rewrite stage fails open', finds: ['proc-fail-open'], set: { [`${REWRITE}/failure_mode_allow`]: true } },
  {
    name: 'the rewrite stage sees the key of a failed attempt',
    finds: ['credential-visible'],
    set: { [`${REWRITE}/forward_rules`]: undefined },
  },
  { name: 'the rewrite stage without the decision', finds: ['metadata-forwarding'], set: { [`${REWRITE}/metadata_options`]: undefined } },
  { name: 'nobody counts what was sent', finds: ['attempts-unseen'], set: { [`${OPENAI_FILTERS}/@sallyport.sent`]: undefined } },
  { name: 'what was sent is not noted', finds: ['attempts-unseen'], set: { [`${OPENAI_FILTERS}/@sallyport.attempt`]: undefined } },
  { name: 'statuses are not noted', finds: ['attempts-unseen'], set: { [`${OPENAI_FILTERS}/@sallyport.status`]: undefined } },
  {
    name: 'what was sent is noted before it is counted',
    finds: ['attempts-unseen'],
    set: { [`${OPENAI_FILTERS}/+@sallyport.sent`]: { $move: `${OPENAI_FILTERS}/@sallyport.attempt` } },
  },
  {
    name: 'what was sent is not noted at attempt 2',
    finds: ['attempts-unseen'],
    set: {
      [`${ATTEMPT}/xds_matcher/matcher_tree/exact_match_map/map/2`]: { $copy: `${ATTEMPT}/xds_matcher/matcher_tree/exact_match_map/map/1` },
    },
  },
  {
    name: 'the status of a server’s error is not noted',
    finds: ['attempts-unseen'],
    set: {
      [`${STATUS}/xds_matcher/matcher_tree/exact_match_map/map/5xx`]: {
        $copy: `${STATUS}/xds_matcher/matcher_tree/exact_match_map/map/2xx`,
      },
    },
  },
  {
    name: 'a status is noted by another script',
    finds: ['metadata-writer', 'cluster-filter-unknown', 'attempts-unseen'],
    set: { [`${STATUS}/extension_config/typed_config/default_source_code/inline_string`]: 'function envoy_on_response(handle) end' },
  },
  {
    name: 'what was sent is a figure of somebody’s',
    finds: ['credential-header-set', 'attempts-unseen'],
    set: { [`${SENT}/header/value`]: '0' },
  },
  {
    name: 'what was sent is added to what stands there',
    finds: ['credential-header-set', 'attempts-unseen'],
    set: { [`${SENT}/append_action`]: undefined },
  },
  { name: 'requests go on without a key', finds: ['key-optional'], set: { [`${INJECTOR}/allow_request_without_credential`]: true } },
  { name: 'a brought credential is kept', finds: ['key-not-overwritten'], set: { [`${INJECTOR}/overwrite`]: undefined } },
  {
    name: 'the key of another provider',
    finds: ['key-of-other-provider'],
    set: { [`${INJECTOR}/credential/typed_config/credential/name`]: 'anthropic' },
  },
  {
    name: 'the key of a provider at whatever address',
    finds: ['key-of-other-provider'],
    set: { [`${INJECTOR}/credential/typed_config/credential/name`]: 'openai' },
  },
  {
    name: 'the key of the provider as other settings have it',
    finds: ['key-of-other-provider'],
    set: { [`${INJECTOR}/credential/typed_config/credential/name`]: 'openai.ba9876543210' },
  },
  {
    name: 'a key from a file',
    finds: ['key-source'],
    set: { [`${INJECTOR}/credential/typed_config/credential/sds_config`]: { path_config_source: { path: '/etc/keys/openai.yaml' } } },
  },
  {
    name: 'Lua that sees the key',
    finds: ['metadata-writer', 'cluster-filter-unknown'],
    set: { [`${OPENAI_FILTERS}/+@sallyport.strip`]: filter('lua', 'lua.v3.Lua') },
  },
  { name: 'one credential is not stripped', finds: ['credentials-not-stripped'], set: { [`${STRIP}/request_mutations/0`]: undefined } },
  {
    name: 'nothing is stripped from requests',
    finds: ['credentials-not-stripped', 'client-data-not-stripped'],
    set: { [`${STRIP}/request_mutations`]: [] },
  },
  {
    name: 'the provider sees the client’s proxies',
    finds: ['client-data-not-stripped'],
    set: { [`${STRIP}/request_mutations/-1`]: undefined },
  },
  {
    name: 'the client sees the provider’s cookies',
    finds: ['provider-data-not-stripped'],
    set: { [`${STRIP}/response_mutations/0`]: undefined },
  },
  { name: 'no authority', finds: ['upstream-unverified'], set: { [`${validation}/trusted_ca`]: undefined } },
  {
    name: 'untrusted certificates accepted',
    finds: ['upstream-unverified'],
    set: { [`${validation}/trust_chain_verification`]: 'ACCEPT_UNTRUSTED' },
  },
  { name: 'any name', finds: ['upstream-any-name'], set: { [`${validation}/match_typed_subject_alt_names`]: undefined } },
  { name: 'no SNI', finds: ['upstream-without-sni'], set: { [`${OPENAI_TLS}/sni`]: undefined } },
  { name: 'TLS 1.2 by default', finds: ['upstream-tls-minimum'], set: { [`${OPENAI_TLS}/common_tls_context/tls_params`]: undefined } },
  {
    name: 'a key without TLS',
    finds: ['key-over-plaintext'],
    set: {
      [`${OPENAI}/transport_socket`]: undefined,
      [`${OPENAI_OPTIONS}/auto_config`]: undefined,
      [`${OPENAI_OPTIONS}/explicit_http_config`]: { http_protocol_options: {} },
    },
  },
  {
    name: 'prompts without TLS',
    finds: ['upstream-plaintext', 'provider-unknown', 'provider-missing'],
    set: {
      [`${IN_HOUSE}/type`]: 'LOGICAL_DNS',
      [`${IN_HOUSE_ADDRESS}/address`]: 'llm.example.com',
      [`${IN_HOUSE}/name`]: 'llm',
      ...Object.fromEntries(
        [
          '@sallyport.gate/typed_config/rules/policies/decided/principals/0/sourced_metadata/metadata_matcher/value/list_match/one_of/string_match/exact',
          '@sallyport.rewrite/typed_config/extension_config/typed_config/grpc_service/initial_metadata/1/value',
        ].map((path) => [
          `static_resources/clusters/@llm/typed_extension_protocol_options/envoy.extensions.upstreams.http.v3.HttpProtocolOptions/http_filters/${path}`,
          'llm',
        ]),
      ),
    },
  },
  { name: 'the address is chosen by the request', finds: ['upstream-not-static'], set: { [`${OPENAI}/type`]: 'ORIGINAL_DST' } },
  {
    name: 'a dynamic forward proxy',
    finds: ['upstream-not-static'],
    set: { [`${OPENAI}/cluster_type`]: { name: 'envoy.clusters.dynamic_forward_proxy' } },
  },
  { name: 'TLS keys in a file', finds: ['tls-keys-logged'], set: { [`${OPENAI_TLS}/common_tls_context/key_log`]: { path: '/tmp/keys' } } },
  {
    name: 'the sidecar over TCP without TLS',
    finds: ['sidecar-plaintext', 'sidecar-address'],
    set: {
      [`${SIDECAR}/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address`]: {
        socket_address: { address: '10.1.2.3', port_value: 9443 },
      },
    },
  },
  {
    name: 'one socket for decisions and keys',
    finds: ['shared-socket', 'sidecar-address'],
    set: { [`${KEYS}/load_assignment`]: { $copy: `${SIDECAR}/load_assignment` } },
  },
  {
    name: 'keys through the cluster of decisions',
    finds: ['shared-socket'],
    set: {
      [`${INJECTOR}/credential/typed_config/credential/sds_config/api_config_source/grpc_services/0/envoy_grpc/cluster_name`]: 'sallyport',
    },
  },
  { name: 'no health check', finds: ['health-check-missing'], set: { [`${SIDECAR}/health_checks`]: undefined } },
  {
    name: 'a slow first health check',
    finds: ['health-check-slow'],
    set: { [`${SIDECAR}/health_checks/0/no_traffic_interval`]: undefined },
  },
  { name: 'panic by default', finds: ['panic-threshold'], set: { [`${SIDECAR}/common_lb_config`]: undefined } },
  { name: 'panic at half', finds: ['panic-threshold'], set: { [`${SIDECAR}/common_lb_config/healthy_panic_threshold/value`]: 50 } },
  {
    name: 'no keepalive',
    finds: ['keepalive-missing'],
    set: { [`${SIDECAR_OPTIONS}/explicit_http_config/http2_protocol_options/connection_keepalive`]: undefined },
  },
  { name: 'circuit breakers by default', finds: ['circuit-breakers-default'], set: { [`${OPENAI}/circuit_breakers`]: undefined } },
  {
    name: 'few requests to the sidecar',
    finds: ['circuit-breakers-default'],
    set: { [`${SIDECAR}/circuit_breakers/thresholds/0/max_requests`]: 1024 },
  },
  {
    name: 'a large buffer in the cluster',
    finds: ['cluster-buffer-large'],
    set: { [`${OPENAI}/per_connection_buffer_limit_bytes`]: 16_777_216 },
  },
  {
    name: 'requests copied by the cluster',
    finds: ['request-mirrored'],
    set: { [`${OPENAI_OPTIONS}/request_mirror_policies`]: [{ cluster: 'in-house' }] },
  },
  {
    name: 'another version of the settings',
    finds: ['config-stale'],
    set: { [`${PROC}/grpc_service/initial_metadata/1/value`]: 'openai=000000000000' },
  },
  { name: 'no version', finds: ['config-stale'], set: { [`${PROC}/grpc_service/initial_metadata/1`]: undefined } },
  { name: 'a provider is missing', finds: ['provider-missing'], set: { [OPENAI]: undefined } },
  {
    name: 'a provider at another address',
    finds: ['provider-address'],
    set: { [`${OPENAI}/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address/address`]: 'api.openai.example' },
  },
  {
    name: 'a tapped connection',
    finds: ['tap'],
    set: {
      [`${OPENAI}/transport_socket`]: {
        name: 'envoy.transport_sockets.tap',
        typed_config: typed('envoy.extensions.transport_sockets.tap.v3.Tap', { transport_socket: { $copy: `${OPENAI}/transport_socket` } }),
      },
    },
  },
];
